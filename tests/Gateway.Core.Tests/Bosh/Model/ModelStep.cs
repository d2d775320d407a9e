namespace Gateway.Core.Tests.Bosh.Model;

/// <summary>What can happen to a session, as far as the model knows.</summary>
internal enum StepKind
{
    Empty,
    Payload,
    Pause,
    Terminate,
    Restart,
    Break,
    Backend,
    Time,
    BackendEnd,
}

/// <summary>One thing that happens.</summary>
/// <param name="Kind">What.</param>
/// <param name="Offset">Of the rid from the highest processed one; for a break, which open exchange.</param>
/// <param name="Value">Seconds of a pause, payloads of the backend, milliseconds of time, kind of end.</param>
/// <param name="Ack">The request's ack: -1 none, otherwise how far below the highest rid answered.</param>
internal sealed record ModelStep(StepKind Kind, int Offset, int Value, int Ack)
{
    // The moments around which the rules decide: the grace, polling, report, wait, linger, inactivity.
    private static readonly int[] Times = [1, 9, 10, 500, 2000, 2001, 20_000, 30_000, 49_499, 49_500, 89_999, 90_000, 120_000];

    /// <summary>From a number, so that the library's own generator and shrinker serve.</summary>
    public static ModelStep From(int seed)
    {
        var random = new Random(seed);
        var offset = random.Next(100) switch
        {
            < 62 => 1,
            < 76 => 2,
            < 80 => 3,
            < 81 => 4,
            < 90 => 0,
            < 96 => -1,
            < 99 => -2,
            _ => -3,
        };
        var ack = random.Next(3) == 0 ? random.Next(-1, 4) - 1 : -1;
        return random.Next(1000) switch
        {
            < 220 => new ModelStep(StepKind.Empty, offset, 0, ack),
            < 500 => new ModelStep(StepKind.Payload, offset, 0, ack),
            < 530 => new ModelStep(StepKind.Pause, offset, random.Next(10) == 0 ? 121 : random.Next(0, 121), ack),
            < 540 => new ModelStep(StepKind.Terminate, offset, random.Next(2), ack),
            < 544 => new ModelStep(StepKind.Restart, offset, 0, ack),
            < 630 => new ModelStep(StepKind.Break, random.Next(3), 0, -1),
            < 790 => new ModelStep(StepKind.Backend, 0, random.Next(1, 4), -1),
            < 994 => new ModelStep(StepKind.Time, 0, Times[random.Next(random.Next(2) == 0 ? 6 : Times.Length)], -1),
            _ => new ModelStep(StepKind.BackendEnd, 0, random.Next(3), -1),
        };
    }
}
