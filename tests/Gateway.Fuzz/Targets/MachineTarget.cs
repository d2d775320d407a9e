using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;
using Gateway.Core.Tests.Bosh;
using Gateway.Xmpp.Tests.Framing;

namespace Gateway.Fuzz.Targets;

/// <summary>
/// The rules of a BOSH session against events in any order. Each byte of the input is one event (its low bits say which, its high
/// bits how), so that every input is a valid one. What has to hold is in <see cref="Play"/>.
/// </summary>
internal sealed partial class MachineTarget : ParserTarget
{
    private static readonly BoshOptions Options = new() { MaxBufferedBytes = 4096, MaxCachedBytes = 8192, MaxResponseBytes = 2048 };

    /// <inheritdoc/>
    public override string Name => "machine";

    /// <inheritdoc/>
    public override byte[] Generate(Random random)
    {
        var events = new byte[random.Next(2, 120)];
        random.NextBytes(events);
        if (random.Next(3) > 0)
        {
            // Mostly what clients do: open, next request, stanza from the backend.
            for (var i = 1; i < events.Length; i++)
            {
                events[i] = random.Next(4) == 0 ? events[i] : (byte)((events[i] & 0xF0) | random.Next(3));
            }
        }

        return events;
    }

    /// <inheritdoc/>
    protected override void Run(byte[] input)
    {
        if (input.Length > 0)
        {
            new Play(input[0]).Run(input.AsSpan(1));
        }
    }

    [GeneratedRegex("<m n='([0-9]+)'")]
    private static partial Regex Number();

    private sealed class Play
    {
        private readonly MachineRig _rig;
        private readonly List<HeldRequest> _exchanges = [];
        private readonly HashSet<HeldRequest> _aborted = [];
        private readonly SortedDictionary<long, string> _first = [];
        private readonly HashSet<HeldRequest> _seen = [];
        private long _nextRid;
        private readonly long _firstRid;
        private long _lastAnswered;
        private int _down;
        private int _downBytes;
        private bool _paused;
        private int _looked;

        public Play(byte setup)
        {
            var creation = MachineRig.Creation
                .Replace("hold='1'", $"hold='{setup & 3}'" + ((setup & 4) != 0 ? " ack='1'" : ""), StringComparison.Ordinal)
                .Replace("ver='1.6'", (setup & 8) != 0 ? "" : "ver='1.11'", StringComparison.Ordinal)
                .Replace("wait='60'", (setup & 48) == 48 ? "wait='0'" : "wait='60'", StringComparison.Ordinal);
            var loggedIn = (setup & 192) != 0 && (setup & 3) > 0 && (setup & 48) != 48;
            _rig = loggedIn ? MachineRig.LoggedIn(creation, Options) : new MachineRig(creation, Options);
            _nextRid = loggedIn ? 105 : 101;
            _firstRid = loggedIn ? 105 : 100;
            _lastAnswered = _firstRid - 1;
            if (!loggedIn)
            {
                _exchanges.Add(_rig.CreationRequest);
            }
        }

        public void Run(ReadOnlySpan<byte> events)
        {
            foreach (var value in events)
            {
                Act(value & 15, value >> 4);
                Check();
            }

            CheckEnd();
        }

        private void Act(int what, int how)
        {
            switch (what)
            {
                case 0: // the next request
                    Send(_nextRid++, how);
                    break;
                case 1:
                    Down(how);
                    break;
                case 2 when how == 0:
                    _rig.Open();
                    break;
                case 2:
                    Send(_nextRid++, 0);
                    break;
                case 3: // one that went ahead, or is far beyond
                    Send(_nextRid + (how & 7), how);
                    break;
                case 4: // a repeat
                    Send(Math.Max(1, _nextRid - 1 - how), how);
                    break;
                case 5 when _exchanges.Count > 0:
                    var exchange = _exchanges[^(1 + (how % _exchanges.Count))];
                    _aborted.Add(exchange);
                    _rig.Step(new BoshEvent.Aborted(exchange));
                    break;
                case 6:
                    _rig.Advance(how * how);
                    break;
                case 7:
                    _rig.Step(new BoshEvent.NotWritten(_nextRid - 1 - how));
                    break;
                case 8:
                    _rig.Step(how % 2 == 0 ? new BoshEvent.BackendCongested() : new BoshEvent.BackendDrained());
                    break;
                case 9 when !_paused:
                    Kind(how);
                    break;
                case 10:
                    Post(_nextRid++, "", how % 3 == 0 ? "type='terminate'" : how % 3 == 1 ? $"pause='{how * 10}'" : "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'");
                    break;
                case 11:
                    Post(_nextRid++, "", how % 2 == 0 ? $"ack='{_nextRid - how}'" : $"key='{how}' newkey='{how}'");
                    break;
                case 12 when how > 12:
                    _rig.Step(new BoshEvent.BackendEnded(how == 13 ? SessionEndReason.RemoteStreamError : SessionEndReason.BackendLost, how == 13 ? "<stream:error/>"u8.ToArray() : null));
                    break;
                case 13 when how > 12:
                    _rig.Step(new BoshEvent.CloseRequested(how == 13 ? SessionEndReason.SystemShutdown : SessionEndReason.PolicyViolation));
                    break;
                case 14 when how > 12:
                    var broken = new HeldRequest(MachineRig.Parse(MachineRig.Request(_nextRid++)));
                    _exchanges.Add(broken);
                    _rig.Step(new BoshEvent.Malformed(broken, SessionEndReason.NotWellFormed));
                    break;
                case 15:
                    _rig.Step(new BoshEvent.TimerFired(how));
                    break;
                default:
                    _rig.Advance(1);
                    break;
            }
        }

        private void Send(long rid, int how) => Post(rid, how % 3 == 0 ? "" : $"<m n='{rid}' xmlns='urn:m'/>", "");

        private void Post(long rid, string payload, string attributes) => _exchanges.Add(_rig.Send(rid, payload, attributes));

        private void Down(int how)
        {
            // As a backend that is not read: what is under way comes, nothing after it.
            if (!_paused)
            {
                var stanzas = Enumerable.Range(0, 1 + (how & 3)).Select(_ => $"<m n='{++_down}'>{new string('x', how * 60)}</m>").ToArray();
                _downBytes += stanzas.Sum(s => s.Length);
                _rig.Backend(stanzas);
            }
        }

        private void Kind(int how)
        {
            var kind = (DownPayloadKind)(how % 9);
            _rig.Backend(kind, kind == DownPayloadKind.Features ? MachineRig.Features : kind == DownPayloadKind.SaslSuccess ? MachineRig.Success : "<o/>");
        }

        private void Check()
        {
            foreach (var effect in _rig.Effects.Skip(_looked))
            {
                _paused = effect switch
                {
                    BoshEffect.PauseBackend => true,
                    BoshEffect.ResumeBackend => false,
                    _ => _paused,
                };
                if (effect is BoshEffect.Respond { Exchange: var exchange, Response: var response })
                {
                    Answered(exchange, response);
                }
            }

            _looked = _rig.Effects.Count;
            _ = _rig.End; // one end at most
            if (_rig.End is null)
            {
                // What waits behind a congested backend is not processed, so it is not held, either.
                _rig.HeldCount.ShouldBeLessThanOrEqualTo(_rig.Terms.Hold);
                var delivered = _first.Values.SelectMany(b => Number().Matches(b)).Count();
                if (delivered == 0 && _downBytes >= Options.MaxBufferedBytes)
                {
                    _paused.ShouldBeTrue("nothing was fetched and the buffer is full");
                }
            }

            // Up: once, and in the order of the rids.
            var up = Number().Matches(_rig.Written).Select(m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
            up.SequenceEqual(up.Distinct().Order()).ShouldBeTrue("up: " + _rig.Written);
        }

        private void Answered(HeldRequest exchange, in BoshResponse response)
        {
            if (response.IsAbandoned)
            {
                _aborted.ShouldContain(exchange);
                return;
            }

            var body = Encoding.UTF8.GetString(response.Body.Span);
            if (response.Status == 200)
            {
                var root = Infoset.Root(body);
                root.Elements[0].ShouldBe(("", Infoset.HttpBind));
            }

            _seen.Add(exchange).ShouldBeTrue();
            if (_rig.End is not null || body == MachineRig.Error || exchange.Rid < _firstRid)
            {
                return; // what was answered before the play is not known here
            }

            if (_first.TryAdd(exchange.Rid, body))
            {
                // A rid whose connection broke is passed over and answered when it is repeated.
                (exchange.Rid > _lastAnswered || _aborted.Any(a => a.Rid == exchange.Rid)).ShouldBeTrue($"rid {exchange.Rid} after {_lastAnswered}");
                _lastAnswered = Math.Max(_lastAnswered, exchange.Rid);
                var numbers = _first.Values.SelectMany(b => Number().Matches(b)).Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
                numbers.ShouldBe(Enumerable.Range(1, numbers.Length), "down");
            }
            else
            {
                body.ShouldBe(_first[exchange.Rid], "a repeat gets the same");
            }
        }

        /// <summary>Left alone, every session ends, is forgotten, and owes nobody an answer.</summary>
        private void CheckEnd()
        {
            _rig.Advance(3600);
            Check();
            _rig.IsDropped.ShouldBeTrue("the session is still there after an hour");
            _exchanges.ShouldAllBe(e => !_rig.IsOpen(e));
            _rig.Effects.OfType<BoshEffect.End>().Count().ShouldBe(1);
        }
    }
}
