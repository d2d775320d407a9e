using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Core.Bosh;

namespace Gateway.Core.Tests.Bosh.Model;

/// <summary>The rules against the model, at random: what must hold however requests, losses, repeats, pauses, time and the backend interleave.</summary>
public partial class ModelTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [Trait("Requirement", "BOSH-047")]
    [Trait("Requirement", "BOSH-049")]
    [Trait("Requirement", "BOSH-050")]
    [Trait("Requirement", "BOSH-057")]
    [Trait("Requirement", "BOSH-060")]
    [Trait("Requirement", "BOSH-062")]
    [Trait("Requirement", "BOSH-065")]
    [Trait("Requirement", "BOSH-066")]
    [Trait("Requirement", "BOSH-067")]
    [Trait("Requirement", "BOSH-068")]
    [Trait("Requirement", "BOSH-114")]
    public void AnyInterleaving_DoesWhatTheModelSays(int hold, bool acks)
    {
        var steps = Gen.Choose(0, int.MaxValue - 1).Select(ModelStep.From).ListOf(60).Select(l => l.ToArray());
        var property = Prop.ForAll(Arb.From(steps, Shrink), (ModelStep[] all) => new ModelRun(hold, acks).Play(all));
        property.Check(Config.QuickThrowOnFailure.WithMaxTest(1500).WithReplay(17, 4711));
    }

    /// <summary>Whole stretches first, then single steps.</summary>
    private static IEnumerable<ModelStep[]> Shrink(ModelStep[] steps)
    {
        for (var length = steps.Length / 2; length > 0; length /= 2)
        {
            for (var at = 0; at < steps.Length; at += length)
            {
                yield return [.. steps[..at], .. steps[Math.Min(steps.Length, at + length)..]];
            }
        }
    }

    [GeneratedRegex("<m n='([0-9]+)'")]
    private static partial Regex Up();

    [GeneratedRegex("<message id='([0-9]+)'")]
    private static partial Regex Down();

    [GeneratedRegex("<message type='error' id='([0-9]+)'")]
    private static partial Regex Bounce();

    private sealed class ModelRun(int hold, bool acks)
    {
        private readonly MachineRig _rig = MachineRig.LoggedIn(
            MachineRig.Creation.Replace("hold='1'", $"hold='{hold}'" + (acks ? " ack='1'" : ""), StringComparison.Ordinal));

        private readonly BoshModel _model = new(hold, hold + 1, acks);
        private readonly List<(long Rid, HeldRequest Exchange)> _sent = [];
        private int _observed;
        private int _payloads;

        public void Play(ModelStep[] steps)
        {
            _model.IsNextObserved = (tag, body) =>
            {
                var at = _observed + _model.Answers.Count;
                return at < _rig.AnswerOrder.Count && _rig.AnswerOrder[at] == tag && Read(_rig.AnswerOrder[at]) == body;
            };
            foreach (var step in steps)
            {
                Do(step);
            }

            // However it went: who reads the answers by rid has what the backend sent, once and in order.
            var bodies = _sent.Where(s => !_rig.IsOpen(s.Exchange)).OrderBy(s => s.Rid).Select(s => (s.Rid, Body: Read(s.Exchange)))
                .Where(s => s.Body.Length > 0 && !s.Body.Contains("type='e", StringComparison.Ordinal)).ToLookup(s => s.Rid, s => s.Body);
            var down = bodies.SelectMany(copies => Numbers(Down(), copies.MaxBy(b => b.Length)!)).ToList();
            down.ShouldBe(down.Distinct().Order());
        }

        private static IEnumerable<int> Numbers(Regex pattern, string xml) => pattern.Matches(xml).Select(m => int.Parse(m.Groups[1].Value, null));

        private string Read(HeldRequest exchange) => Encoding.UTF8.GetString(_rig.Response(exchange).Body.Span);

        private void Do(ModelStep step)
        {
            switch (step.Kind)
            {
                case StepKind.Break when _model.End is null && _model.OpenTags.ToList() is { Count: > 0 } open:
                    var broken = open[step.Offset % open.Count];
                    _rig.Step(new BoshEvent.Aborted((HeldRequest)broken));
                    _model.Break(broken);
                    break;
                case StepKind.Break:
                    break;
                case StepKind.Backend:
                    _rig.Backend([.. Enumerable.Range(_payloadsDown + 1, step.Value).Select(BoshModel.Payload)]);
                    _payloadsDown += step.Value;
                    _model.Backend(step.Value);
                    break;
                case StepKind.BackendEnd:
                    _rig.Step(new BoshEvent.BackendEnded(BoshModel.ReasonOf(step.Value), null));
                    _model.EndByBackend(step.Value);
                    break;
                case StepKind.Time:
                    Pass(_rig.Now + TimeSpan.FromMilliseconds(step.Value));
                    break;
                default:
                    Send(step);
                    break;
            }

            Compare();
        }

        private int _payloadsDown;

        private void Pass(TimeSpan to)
        {
            while (_rig.Now < to)
            {
                // Not a moment before, not a moment after.
                var next = _model.NextDeadline is { } deadline && deadline < to ? deadline : to;
                _rig.Pass(next - _rig.Now);
                _model.Pass(next);
                Compare();
            }
        }

        private void Send(ModelStep step)
        {
            var rid = _model.LastRid + step.Offset;
            int? payload = step.Kind == StepKind.Payload || step is { Kind: StepKind.Pause or StepKind.Terminate, Value: var v } && v % 2 == 1 ? ++_payloads : null;
            long? ack = acks && step.Ack >= 0 ? _model.LastAnswered + 1 - step.Ack : null;
            var attributes = step.Kind switch
            {
                StepKind.Pause => $"pause='{step.Value}' ",
                StepKind.Terminate => "type='terminate' ",
                StepKind.Restart => "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh' ",
                _ => "",
            } + (ack is { } a ? $"ack='{a}'" : "");
            var exchange = new HeldRequest(MachineRig.Parse(MachineRig.Request(rid, payload is { } n ? $"<m n='{n}' xmlns='x'/>" : "", attributes)));
            _sent.Add((rid, exchange));
            _rig.Step(new BoshEvent.Received(exchange));
            _model.Receive(exchange, step, payload, ack);
        }

        private void Compare()
        {
            while (_model.Answers.TryDequeue(out var answer))
            {
                _observed.ShouldBeLessThan(_rig.AnswerOrder.Count, "an answer is missing");
                var exchange = _rig.AnswerOrder[_observed++];
                exchange.ShouldBe(answer.Tag, "the answers' order");
                if (answer.Body is { } body)
                {
                    Read(exchange).ShouldBe(body);
                }
            }

            _rig.AnswerOrder.Count.ShouldBe(_observed, "nothing else is answered");
            Numbers(Up(), _rig.Written).ShouldBe(_model.Up);
            (_rig.End?.Reason).ShouldBe(_model.End);
            Numbers(Bounce(), Encoding.UTF8.GetString((_rig.End?.Bounces ?? default).Span)).ShouldBe(_model.Bounced);
            if (_model.End is null)
            {
                _rig.HeldCount.ShouldBe(_model.HeldCount);
                _rig.HeldCount.ShouldBeLessThanOrEqualTo(hold + 1);
            }
        }
    }
}
