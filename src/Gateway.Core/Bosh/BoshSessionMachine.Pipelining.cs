namespace Gateway.Core.Bosh;

/// <summary>
/// Requests behind one another on one connection. XEP-0124 §18.1 tells clients not to, and BOSH-015 would let the second wait
/// until the first is over. COMPAT: gloox 1.0 pipelines by default and would send nothing as long as a request is held.
/// </summary>
public sealed partial class BoshSessionMachine
{
    /// <summary>The wait of the exchange is over, at once or as soon as its turn has come: with what is buffered, else empty.</summary>
    private void OnNextWaits(HeldRequest exchange)
    {
        exchange.IsNextWaiting = true;
        exchange.Deadline = DeadlineOf(exchange);
    }
}
