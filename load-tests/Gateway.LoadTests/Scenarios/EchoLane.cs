using System.Diagnostics;
using System.Text;
using Gateway.LoadTests.Clients;

namespace Gateway.LoadTests.Scenarios;

/// <summary>One session and the numbered stanzas on their way to it: sends the next, and checks what comes for content, order and gaps.</summary>
internal sealed class EchoLane : ISessionListener
{
    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly RunContext _run;
    private readonly IEchoLoad _load;
    private readonly Lock _gate = new();
    private long[]? _sentAt;
    private HashSet<long>? _missing;
    private EchoStanza? _stanza;
    private long _sent;
    private long _expected;

    /// <summary>Makes one whose session is not connected yet.</summary>
    public EchoLane(RunContext run, IEchoLoad load, SessionSource source, WireSettings wire = default)
    {
        _run = run;
        _load = load;
        Index = run.NextSession();
        Session = run.CreateSession(source, Index, this, wire);
        Sender = Session;
    }

    /// <summary>The session's number.</summary>
    public int Index { get; }

    /// <summary>Its place among the lanes of a scenario.</summary>
    public int Place { get; init; }

    /// <summary>Where stanzas arrive.</summary>
    public LoadSession Session { get; }

    /// <summary>Who sends them; the session itself unless it is set.</summary>
    public LoadSession Sender { get; set; }

    /// <summary>Stanzas sent.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Stanzas that ought to have come, up to the last that did.</summary>
    public long Expected => Volatile.Read(ref _expected);

    /// <summary>On their way.</summary>
    public long Outstanding => Sent - Expected;

    /// <summary>Nothing more can come: all is there, or the session is gone.</summary>
    public bool IsQuiet => Outstanding == 0 || !Session.IsOpen;

    /// <summary>Bytes of a stanza.</summary>
    public int StanzaBytes => _stanza?.Length ?? 0;

    /// <summary>Logs in.</summary>
    public async Task LogInAsync(CancellationToken cancellationToken)
    {
        await Session.LogInAsync(cancellationToken);
        _stanza = new EchoStanza(Index, Session.Jid, _run.Options.StanzaBytes);
        _run.Meter.SessionOpened();
    }

    /// <summary>Remembers when stanzas are sent, for as many as can be outstanding.</summary>
    public void KeepTimes(int outstanding) => _sentAt = new long[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(outstanding, 2))];

    /// <summary>When a stanza was sent.</summary>
    public long SentAt(long number) => _sentAt is { } times ? Volatile.Read(ref times[number & (times.Length - 1)]) : 0;

    /// <summary>Sends the next stanza.</summary>
    public void SendNext()
    {
        if (_stanza is not { } stanza)
        {
            return;
        }

        var scratch = _scratch;
        if (scratch is null || scratch.Length < stanza.Length)
        {
            scratch = _scratch = new byte[Math.Max(stanza.Length, 1024)];
        }

        // The number is given and the bytes are queued as one step, or numbers could overtake each other.
        lock (_gate)
        {
            var number = _sent;
            stanza.Write(scratch, number);
            if (_sentAt is { } times)
            {
                Volatile.Write(ref times[number & (times.Length - 1)], Stopwatch.GetTimestamp());
            }

            Volatile.Write(ref _sent, number + 1);
            Sender.Send(scratch.AsSpan(0, stanza.Length));
        }
    }

    /// <inheritdoc/>
    public void OnStanza(ReadOnlySpan<byte> stanza, int tagLength)
    {
        if (_stanza is not { } echo)
        {
            return;
        }

        var verdict = echo.Check(stanza, tagLength, out var number);
        if (verdict == EchoVerdict.NoEcho)
        {
            return;
        }

        _run.Meter.CountChecked();
        if (verdict != EchoVerdict.Same)
        {
            NoteDifference(verdict, stanza);
            if (verdict != EchoVerdict.Changed)
            {
                return;
            }
        }

        if (number == _expected)
        {
            Volatile.Write(ref _expected, number + 1);
        }
        else if (!NotePlace(number))
        {
            return;
        }

        _load.OnArrival(this, number, Stopwatch.GetTimestamp());
    }

    /// <inheritdoc/>
    public void OnLost(string reason)
    {
        _run.Meter.SessionClosed();
        _run.Meter.Faults.Error($"session {Index} ended: {reason}");
        _load.OnLost(this);
    }

    /// <summary>Counts as lost what never came.</summary>
    public void Settle()
    {
        var lost = Outstanding + (_missing?.Count ?? 0);
        if (lost > 0)
        {
            _run.Meter.Faults.Lost(lost, $"session {Index}: {lost} of {Sent} never came");
        }
    }

    /// <summary>Ends the session as the protocol has it.</summary>
    public async Task SayGoodbyeAsync()
    {
        if (!Session.IsOpen)
        {
            return;
        }

        _run.Meter.SessionClosed();
        try
        {
            await Session.SayGoodbyeAsync(RunContext.GoodbyeTimeout);
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            _run.Meter.Faults.Error($"session {Index}: no answer to its goodbye: {e.Message}");
            Session.Vanish();
        }
    }

    /// <summary>Ends the session without a word.</summary>
    public void Vanish()
    {
        if (Session.IsOpen)
        {
            _run.Meter.SessionClosed();
        }

        Session.Vanish();
    }

    private void NoteDifference(EchoVerdict verdict, ReadOnlySpan<byte> stanza)
    {
        var text = $"session {Index}, {verdict}: {Encoding.UTF8.GetString(stanza)}";
        if (verdict == EchoVerdict.Changed)
        {
            _run.Meter.Faults.Changed(text);
        }
        else
        {
            _run.Meter.Faults.Error(text);
        }
    }

    /// <returns>False if it was here before.</returns>
    private bool NotePlace(long number)
    {
        if (number > _expected && number < Sent)
        {
            _missing ??= [];
            for (var missing = _expected; missing < number; missing++)
            {
                _missing.Add(missing);
            }

            Volatile.Write(ref _expected, number + 1);
            return true;
        }

        if (_missing?.Remove(number) == true)
        {
            _run.Meter.Faults.Reordered($"session {Index}: {number} came when {_expected} was due");
            return true;
        }

        _run.Meter.Faults.Doubled($"session {Index}: {number} came again when {_expected} was due");
        return false;
    }
}
