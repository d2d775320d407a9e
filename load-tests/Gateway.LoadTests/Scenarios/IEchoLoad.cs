namespace Gateway.LoadTests.Scenarios;

/// <summary>Who sends over lanes.</summary>
internal interface IEchoLoad
{
    /// <summary>A stanza came for the first time. Called where it arrived; never waits.</summary>
    void OnArrival(EchoLane lane, long number, long now);

    /// <summary>The lane's session is gone.</summary>
    void OnLost(EchoLane lane)
    {
    }
}
