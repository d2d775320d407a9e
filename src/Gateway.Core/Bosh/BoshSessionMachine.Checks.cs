using System.Security.Cryptography;
using System.Text;
using Gateway.Core.Sessions;

namespace Gateway.Core.Bosh;

/// <summary>What a request in order is checked for: keys, activity, acknowledgements (sections 10, 12 and 17).</summary>
public sealed partial class BoshSessionMachine
{
    // BOSH-087.
    private const int MaxOveractivePerMinute = 10;

    // EDGE-034: a burst of twice the rate, and what is above it waits up to a second.
    private const int BurstSeconds = 2;
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(1);

    private string? _expectedKey;
    private TimeSpan? _lastUnfilledPoll;
    private Tally _overactive;
    private long _acknowledged;
    private long _report;
    private int _reportTime;
    private TimeSpan _paid;
    private TimeSpan? _paceDue;
    private long _lastReport;

    /// <summary>BOSH-116, BOSH-117, BOSH-119.</summary>
    private bool KeyFits(HeldRequest exchange)
    {
        if (_expectedKey is null)
        {
            _expectedKey = exchange.NewKey;
            return true;
        }

        if (exchange.Key is null || !Convert.ToHexString(Sha1(exchange.Key)).Equals(_expectedKey, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        _expectedKey = exchange.NewKey ?? exchange.Key;
        return true;
    }

    /// <summary>BOSH-120: who has sid and rid but not the key gets no cached response.</summary>
    private static bool SameKeys(HeldRequest exchange, string? key, string? newKey) => exchange.Key == key && exchange.NewKey == newKey;

    /// <summary>EDGE-034: each request is paid with its share of time, of which a burst may be owed. False: not now, or the session has ended.</summary>
    private bool IsInPace(HeldRequest next, TimeSpan now)
    {
        _paceDue = null;
        if (_requestsPerSecond == 0)
        {
            return true;
        }

        var share = TimeSpan.FromSeconds(1) / _requestsPerSecond;
        var earliest = _paid + share - TimeSpan.FromSeconds(BurstSeconds);
        if (earliest <= now)
        {
            _paid = (_paid > now ? _paid : now) + share;
            return true;
        }

        if (earliest - next.FirstReceivedAt > MaxDelay)
        {
            End(SessionEndReason.PolicyViolation, next, BackendClose.Clean, now);
        }
        else
        {
            _paceDue = earliest;
        }

        return false;
    }

    private bool IsOveractive(HeldRequest exchange, BoshRequest request, TimeSpan now)
    {
        // BOSH-086
        if (exchange.OutstandingOnArrival > _terms.Requests && request.Body is { Pause: null, IsTerminate: false })
        {
            return true;
        }

        if (_options.Polling == TimeSpan.Zero || !request.IsEmpty)
        {
            _lastUnfilledPoll = null;
            return false;
        }

        if (_terms.IsPolling)
        {
            // BOSH-085
            var last = _lastUnfilledPoll;
            _lastUnfilledPoll = _buffer.Count == 0 ? exchange.FirstReceivedAt : null;
            return last is { } time && exchange.FirstReceivedAt - time < _options.Polling;
        }

        // BOSH-087
        return _options.ChecksOveractivity
            && exchange.OutstandingOnArrival == _terms.Requests
            && exchange.SincePrevious < _options.Polling
            && _overactive.Add(now) > MaxOveractivePerMinute;
    }

    /// <summary>BOSH-072, BOSH-075, BOSH-076.</summary>
    private void Acknowledge(long rid, long? ack, TimeSpan now)
    {
        if (!_terms.UsesAcks)
        {
            return;
        }

        // Absence says that the client has every response.
        var upTo = ack ?? rid - 1;
        if (upTo < _acknowledged || (ack is not null && upTo > _cache.LastAnswered))
        {
            return;
        }

        upTo = Math.Min(upTo, _cache.LastAnswered);
        _acknowledged = upTo;
        _cache.Acknowledge(upTo);
        if (upTo < _cache.LastAnswered && upTo + 1 != _lastReport && _cache.Find(upTo + 1) is { } missing
            && now - missing.AnsweredAt > TimeSpan.FromSeconds(2))
        {
            _report = _lastReport = upTo + 1;
            _reportTime = (int)Math.Min(65535, (now - missing.AnsweredAt).TotalMilliseconds);
        }
    }

#pragma warning disable CA5350 // XEP-0124 §15 has SHA-1 and nothing else
    private static byte[] Sha1(string key) => SHA1.HashData(Encoding.UTF8.GetBytes(key));
#pragma warning restore CA5350

    /// <summary>Events within the current minute, counted from its first.</summary>
    private struct Tally
    {
        private TimeSpan _since;
        private int _count;

        public int Add(TimeSpan now)
        {
            if (_count == 0 || now - _since >= TimeSpan.FromMinutes(1))
            {
                _since = now;
                _count = 0;
            }

            return ++_count;
        }
    }
}
