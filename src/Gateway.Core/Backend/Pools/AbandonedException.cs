namespace Gateway.Core.Backend.Pools;

/// <summary>Somebody gave up on a server that kept him waiting: to the caller he gave up, to the breaker the server failed.</summary>
internal sealed class AbandonedException(Exception inner, CancellationToken token) : OperationCanceledException("Given up.", inner, token);
