using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Backend;

/// <summary>
/// One XMPP stream to a server: the seam between sessions and the backend. One reader and one writer at a time.
/// Reading: <see cref="FillAsync"/> waits for bytes, then <see cref="TryRead"/> gives the elements in them one by one:
/// <code>while (await stream.FillAsync(token)) { while (stream.TryRead(out var element)) { ... stream.Buffer ... } }</code>
/// </summary>
public interface IXmppStream : IAsyncDisposable
{
    /// <summary>The server's latest response header.</summary>
    StreamHeader Header { get; }

    /// <summary>The declarations of that header.</summary>
    NamespaceScope Scope { get; }

    /// <summary>The element that <see cref="TryRead"/> gave last; after connecting: the stream features, not yet looked at.</summary>
    StreamElement Current { get; }

    /// <summary>The bytes that the positions in <see cref="Current"/> refer to; valid until the next call of a reading method.</summary>
    ReadOnlySpan<byte> Buffer { get; }

    /// <summary>Waits until more bytes are here. Holds no buffer while it waits, unless part of an element is pending.</summary>
    /// <returns>False when the server has gone, with or without a TCP error, possibly in the middle of an element, and after a close or an error was read. Only a <see cref="StreamElementKind.StreamClose"/> that was read before tells a clean end. A reader that stops earlier calls this once more after disposal: its buffer goes back.</returns>
    ValueTask<bool> FillAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The next element among the bytes that are here: headers, first-level elements, the close, an error. White space is
    /// passed over. False when no further element is complete. After an error nothing more comes.
    /// </summary>
    bool TryRead(out StreamElement element);

    /// <summary>What broke, after a <see cref="StreamElementKind.Error"/>.</summary>
    FramingError Error { get; }

    /// <summary>Writes bytes as they are, in one go; waits while the server does not read.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Sends a new header on the same connection and begins to read a new stream (RFC 6120 §6.4.6). The next element is the server's header, then its features.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    ValueTask RestartAsync(StreamHeader header, CancellationToken cancellationToken);
}
