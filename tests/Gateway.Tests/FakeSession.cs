using Gateway.Core.Sessions;

namespace Gateway.Tests;

/// <summary>A session that does what a test says.</summary>
internal sealed class FakeSession(ClientTransport transport, string? domain) : IClientSession
{
    public SessionId Id { get; } = SessionId.New();

    public ClientTransport Transport => transport;

    public string? Domain => domain;

    public DateTimeOffset StartedAt => default;

    public SessionCounters Counters { get; } = new();

    public List<SessionEndReason> Closed { get; } = [];

    public Func<FakeSession, Task> OnClose { get; set; } = _ => Task.CompletedTask;

    public Task CloseAsync(SessionEndReason reason)
    {
        Closed.Add(reason);
        return OnClose(this);
    }
}
