using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Sees a run while it goes on.</summary>
public interface IRunObserver
{
    /// <summary>About once a second while the run counts.</summary>
    void OnSample(Sample sample);

    /// <summary>What the run is doing now: warm-up, sessions opened, waiting for the last.</summary>
    void OnPhase(string phase)
    {
    }
}
