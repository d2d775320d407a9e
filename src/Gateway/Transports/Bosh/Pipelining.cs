using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gateway.Transports.Bosh;

/// <summary>Makes the input of HTTP/1.1 connections watchable, so that a pipelined request releases the held one before it.</summary>
internal static class Pipelining
{
    /// <summary>To stand behind TLS, since it looks at what HTTP reads. HTTP/2 needs none of it: its requests do not queue.</summary>
    public static void UsePipelining(this IConnectionBuilder connections) => connections.Use(next => connection =>
        connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) == true
            ? next(connection)
            : RunAsync(connection, next));

    private static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var transport = connection.Transport;
        var closed = connection.ConnectionClosed;
        var input = new WatchedInput(transport, closed);
        connection.Features.Set(input);
        connection.Transport = input;
        connection.ConnectionClosed = input.Closed;
        try
        {
            await next(connection);
        }
        finally
        {
            // TLS takes its buffers back after this: no read of ours may be under way then.
            connection.Transport = transport;
            connection.ConnectionClosed = closed;
            await input.DisposeAsync();
        }
    }
}
