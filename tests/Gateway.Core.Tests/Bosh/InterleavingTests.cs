using System.Text;
using System.Text.RegularExpressions;
using Gateway.Core.Bosh;

namespace Gateway.Core.Tests.Bosh;

/// <summary>
/// A client on a bad network against the rules, at random: requests overtake each other, connections break before and after
/// the answer, requests are repeated, time passes. Whatever happens, what the client sends goes up once and in order, and what
/// the backend sends reaches the client once and in the order of its rids (BOSH-064).
/// </summary>
public partial class InterleavingTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [Trait("Requirement", "BOSH-049")]
    [Trait("Requirement", "BOSH-050")]
    [Trait("Requirement", "BOSH-057")]
    public void RandomLossesAndRepeats_NothingIsLostDoubledOrReordered(int hold, bool acks)
    {
        for (var seed = 0; seed < 500; seed++)
        {
            new Run(seed, hold, acks).Play();
        }
    }

    [GeneratedRegex("<m n='([0-9]+)'")]
    private static partial Regex Number();

    private sealed class Run(int seed, int hold, bool acks)
    {
        private readonly Random _random = new(seed);
        private readonly MachineRig _rig = MachineRig.LoggedIn(
            MachineRig.Creation.Replace("hold='1'", $"hold='{hold}'" + (acks ? " ack='1'" : ""), StringComparison.Ordinal),
            new BoshOptions { ChecksOveractivity = false, Polling = TimeSpan.Zero, Inactivity = TimeSpan.FromHours(1) });

        // Per rid: its text, the exchange that is under way (null: on its way or broken), and the answer the client has.
        private readonly SortedDictionary<long, string> _requests = [];
        private readonly Dictionary<long, HeldRequest?> _exchanges = [];
        private readonly SortedDictionary<long, string> _answers = [];
        private readonly Dictionary<long, int> _repeats = [];
        private long _nextRid = 105;
        private bool _isWell;
        private int _up;
        private int _down;

        public void Play()
        {
            for (var step = 0; step < 120; step++)
            {
                _isWell = false;
                Act(_random.Next(10));
                Fetch(loses: true);
            }

            // The network is well again: everything is sent, answered, and read.
            for (var i = 0; i < 40; i++)
            {
                Request();
                foreach (var rid in _requests.Keys.Where(r => !_answers.ContainsKey(r) && _exchanges.GetValueOrDefault(r) is null).ToArray())
                {
                    Arrive(rid);
                }

                Fetch(loses: false);
            }

            _rig.End.ShouldBeNull($"seed {seed}");
            Number().Matches(_rig.Written).Select(m => int.Parse(m.Groups[1].Value, null)).Distinct().ShouldBe(Enumerable.Range(1, _up), $"up, seed {seed}");
            Number().Count(_rig.Written).ShouldBe(_up, $"up, seed {seed}");
            Number().Matches(string.Concat(_answers.Values)).Select(m => int.Parse(m.Groups[1].Value, null)).ShouldBe(Enumerable.Range(1, _down), $"down, seed {seed}");
        }

        private void Act(int choice)
        {
            switch (choice)
            {
                case < 3:
                    Request();
                    break;
                case < 6:
                    // Any request that is not under way arrives, the younger perhaps before the older.
                    var away = _requests.Keys.Where(r => !_answers.ContainsKey(r) && _exchanges.GetValueOrDefault(r) is null).ToArray();
                    if (away.Length > 0)
                    {
                        Arrive(away[_random.Next(away.Length)]);
                    }

                    break;
                case 6:
                    // A connection breaks before the answer, or the client gives it up and repeats at once.
                    var open = _exchanges.Where(e => e.Value is not null && _rig.IsOpen(e.Value)).Select(e => e.Key).ToArray();
                    if (open.Length > 0)
                    {
                        var rid = open[_random.Next(open.Length)];
                        if (_random.Next(2) == 0)
                        {
                            _rig.Step(new BoshEvent.Aborted(_exchanges[rid]!));
                            _exchanges[rid] = null;
                        }
                        else if (!_isWell)
                        {
                            Arrive(rid);
                        }
                    }

                    break;
                case < 9:
                    _rig.Backend([.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => $"<m n='{++_down}'/>")]);
                    break;
                default:
                    _rig.Advance(_random.Next(1, 20));
                    break;
            }
        }

        /// <summary>The client makes a request, if its window has room; it is on its way then.</summary>
        private void Request()
        {
            var oldest = _requests.Keys.Where(r => !_answers.ContainsKey(r)).DefaultIfEmpty(_nextRid).Min();
            if (_nextRid - oldest > hold)
            {
                return;
            }

            var rid = _nextRid++;
            var payload = _random.Next(3) == 0 ? "" : $"<m n='{++_up}' xmlns='jabber:client'/>";
            var has = _answers.Keys.Where(r => r < rid).DefaultIfEmpty(104).Aggregate(104L, (upTo, r) => r == upTo + 1 ? r : upTo);
            _requests[rid] = MachineRig.Request(rid, payload, acks && has < rid - 1 ? $"ack='{has}'" : "");
        }

        private void Arrive(long rid)
        {
            // The gateway bounds repeats (BOSH-070), so a client that means well takes its time.
            if (_exchanges.ContainsKey(rid))
            {
                _rig.Advance(2);
                if ((_repeats[rid] = _repeats.GetValueOrDefault(rid) + 1) > 5)
                {
                    _isWell = true;
                }
            }

            _exchanges[rid] = _rig.Post(MachineRig.Parse(_requests[rid]));
        }

        /// <summary>The client reads what was answered, unless it is lost on the way.</summary>
        private void Fetch(bool loses)
        {
            foreach (var (rid, exchange) in _exchanges.ToArray())
            {
                if (exchange is null || _rig.IsOpen(exchange) || _answers.ContainsKey(rid))
                {
                    continue;
                }

                var body = Encoding.UTF8.GetString(_rig.Response(exchange).Body.Span);
                if (loses && !_isWell && _random.Next(4) == 0)
                {
                    _exchanges[rid] = null;
                }
                else
                {
                    body.ShouldNotContain("type=", Case.Sensitive, $"seed {seed}");
                    _answers[rid] = body;
                }
            }
        }
    }
}
