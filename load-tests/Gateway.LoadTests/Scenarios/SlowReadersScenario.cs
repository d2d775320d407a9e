using System.Diagnostics;
using Gateway.LoadTests.Clients;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>
/// Sessions that stop reading while more is sent to them than buffers hold, and then read on: all of it must come, in order. Meanwhile
/// other sessions have their echoes at a fixed pace; the latency reported is theirs, for they must not notice.
/// </summary>
internal sealed class SlowReadersScenario : Scenario, IEchoLoad
{
    // More than the kernel's buffers on three connections, the gateway's and the server's hold together (12 MB were seen), and little enough to arrive within seconds.
    private const int MostBytes = 24 * 1024 * 1024;
    private const int MostQueued = 256 * 1024;
    private const int ChunkStanzas = 512;
    private static readonly WireSettings SmallBuffer = new(ReceiveBufferBytes: 32 * 1024);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CatchUp = TimeSpan.FromSeconds(30);

    private readonly SessionSource _source;
    private readonly SessionSource _server;
    private readonly PacedScenario? _quick;
    private readonly List<EchoLane> _slow = [];
    private readonly List<EchoLane> _senders = [];
    private readonly Workers _workers;
    private readonly bool _counts;
    private readonly int _slowCount;
    private readonly int[] _turns;
    private readonly TimeSpan _rest;

    /// <summary>Makes it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="source">Where the sessions are.</param>
    /// <param name="server">Where the senders are.</param>
    /// <param name="slow">Slow sessions.</param>
    /// <param name="quick">Sessions beside them; 0: somebody else looks after those.</param>
    /// <param name="rate">Their echoes a second.</param>
    /// <param name="rest">How long a slow session is a quick one, between two silences.</param>
    public SlowReadersScenario(RunContext run, SessionSource source, SessionSource server, int slow, int quick, double rate, TimeSpan rest = default)
        : base(run)
    {
        _source = source;
        _server = server;
        _slowCount = slow;
        _rest = rest;
        _turns = new int[slow];
        _counts = quick > 0;
        _quick = quick > 0 ? new PacedScenario(run, source, quick, rate, counts: false) : null;
        _workers = new Workers(slow);
    }

    /// <inheritdoc/>
    public override string Unit => "stanzas";

    /// <inheritdoc/>
    public override bool IsQuiet => _workers.AreDone && _slow.TrueForAll(lane => lane.IsQuiet) && _quick?.IsQuiet != false;

    /// <inheritdoc/>
    public override bool IsDead => !_slow.Exists(lane => lane.Session.IsOpen);

    /// <inheritdoc/>
    public override async Task OpenAsync()
    {
        for (var i = 0; i < _slowCount; i++)
        {
            var sender = new EchoLane(Run, this, _server);
            _senders.Add(sender);
            _slow.Add(new EchoLane(Run, this, _source, SmallBuffer) { Sender = sender.Session });
        }

        await Sessions.OpenAsync(Run, _senders, Run.Cancellation);
        await Sessions.OpenAsync(Run, _slow, Run.Cancellation);
        await (_quick?.OpenAsync() ?? Task.CompletedTask);
    }

    /// <inheritdoc/>
    public override void Start()
    {
        _quick?.Start();
        _workers.Start(worker => StallAsync(worker));
    }

    /// <inheritdoc/>
    public override void Stop()
    {
        _quick?.Stop();
        _workers.Stop();
    }

    /// <inheritdoc/>
    public override void Settle()
    {
        _slow.ForEach(lane => lane.Settle());
        _quick?.Settle();
    }

    /// <inheritdoc/>
    public override async Task CloseAsync()
    {
        await Sessions.CloseAsync(_slow);
        await Sessions.CloseAsync(_senders);
        await (_quick?.CloseAsync() ?? Task.CompletedTask);
    }

    /// <inheritdoc/>
    public void OnArrival(EchoLane lane, long number, long now)
    {
        if (_counts)
        {
            Run.Meter.Arrived(now);
        }
    }

    private async Task StallAsync(int worker)
    {
        var lane = _slow[worker];
        if (!lane.Session.IsOpen)
        {
            await Task.Delay(100);
            return;
        }

        if (_turns[worker]++ == 0)
        {
            // One after the other, or it is a flood that the others notice.
            await Task.Delay((Silence + TimeSpan.FromSeconds(1) + _rest) / _slowCount * worker);
        }

        lane.Session.Pause();
        var start = Stopwatch.GetTimestamp();
        for (long bytes = 0; !_workers.AreStopping && Stopwatch.GetElapsedTime(start) < Silence;)
        {
            // The server takes it as fast as the reader's buffers fill; after that it stands still, as it must.
            if (bytes < MostBytes && lane.Sender.QueuedBytes < MostQueued)
            {
                lane.Sender.Cork();
                for (var i = 0; i < ChunkStanzas; i++)
                {
                    lane.SendNext();
                }

                lane.Sender.Uncork();
                bytes += ChunkStanzas * lane.StanzaBytes;
            }

            await Task.Delay(5);
        }

        lane.Session.Resume();
        await WaitAsync(() => lane.IsQuiet, CatchUp);
        if (!lane.IsQuiet)
        {
            Run.Meter.Faults.Error($"session {lane.Index} reads on, but {lane.Outstanding} stanzas have not come within {CatchUp.TotalSeconds} s");
            lane.Vanish();
        }
        else
        {
            Run.Meter.CountDeed(Deed.Silence);
        }

        await WaitAsync(() => _workers.AreStopping, _rest);
    }
}
