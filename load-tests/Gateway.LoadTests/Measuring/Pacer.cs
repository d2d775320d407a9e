using System.Diagnostics;

namespace Gateway.LoadTests.Measuring;

/// <summary>An open loop: calls when each is due, on a thread of its own that sleeps in between; what is late is called at once, nothing is left out.</summary>
internal sealed class Pacer
{
    private readonly Action<long> _send;
    private readonly double _period;
    private readonly int _turn;
    private volatile bool _isStopped;
    private Thread? _thread;

    /// <summary>Makes one.</summary>
    /// <param name="rate">Calls a second.</param>
    /// <param name="send">Called with the running number; never waits.</param>
    /// <param name="turn">It stops only when the number of calls is a multiple of this.</param>
    public Pacer(double rate, Action<long> send, int turn = 1)
    {
        _turn = turn;
        _period = Stopwatch.Frequency / rate;
        _send = send;
    }

    /// <summary>When the first is due.</summary>
    public long Start { get; private set; }

    /// <summary>Calls made.</summary>
    public long Sent { get; private set; }

    /// <summary>It runs no more.</summary>
    public bool IsDone => _thread is not { IsAlive: true };

    /// <summary>The most that a call was late, in nanoseconds.</summary>
    public long WorstLateness { get; private set; }

    /// <summary>When a call is due.</summary>
    public long Due(long number) => Start + (long)(number * _period);

    /// <summary>Begins.</summary>
    public void Run()
    {
        Start = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 1000);
        _thread = new Thread(Loop) { IsBackground = true, Name = "pacer" };
        _thread.Start();
    }

    /// <summary>No further calls.</summary>
    public void Stop() => _isStopped = true;

    private void Loop()
    {
        Native.AskForExactSleeps();
        while (!_isStopped || Sent % _turn != 0)
        {
            var due = Due(Sent);
            var now = Stopwatch.GetTimestamp();
            if (due > now)
            {
                // Wakes up now and then, so that a slow pace can be stopped.
                Native.SleepUntil(Math.Min(due, now + (Stopwatch.Frequency / 10)));
                if (due > Stopwatch.GetTimestamp())
                {
                    continue;
                }
            }
            else
            {
                WorstLateness = Math.Max(WorstLateness, now - due);
            }

            _send(Sent++);
        }
    }
}
