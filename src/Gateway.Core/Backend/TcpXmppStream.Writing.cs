using Gateway.Xmpp.Framing;

namespace Gateway.Core.Backend;

/// <summary>What goes out: the session's writes, and now and then a space between two of them (XS-069).</summary>
public sealed partial class TcpXmppStream
{
    private const int Nobody = 0;
    private const int Session = 1;
    private const int KeepAlive = 2;

    private static readonly ReadOnlyMemory<byte> Space = " "u8.ToArray();
    private static readonly int DefaultQuietSweeps = StreamLiveness.SweepsIn(StreamKeepAlive.DefaultInterval);

    private int _writer;
    private int _quietSweeps;
    private int _mostQuietSweeps = DefaultQuietSweeps;
    private TaskCompletionSource? _spaceWritten;
    private bool _isAuthenticated;

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (Interlocked.CompareExchange(ref _writer, Session, Nobody) is var other and not Nobody)
        {
            if (other == Session)
            {
                throw new InvalidOperationException("A backend stream has one writer at a time.");
            }

            await _spaceWritten!.Task.WaitAsync(cancellationToken); // a server that does not even take a space
        }

        _quietSweeps = 0;
        try
        {
            await _transport.WriteAsync(bytes, cancellationToken);
        }
        catch (Exception e) when (e is not IOException && IsLoss(e))
        {
            throw new IOException("The connection to the backend is lost.", e);
        }
        finally
        {
            Volatile.Write(ref _writer, Nobody);
        }
    }

    /// <summary>All streams are looked at: a space if this one has been silent for long enough. Never waits.</summary>
    internal void OnSweep()
    {
        if (++_quietSweeps >= _mostQuietSweeps)
        {
            _ = WriteSpaceAsync();
        }
    }

    /// <summary>
    /// Finds out from when on white space may be sent. A write is whole elements, so between two of them is between elements. But where STARTTLS or
    /// SASL is under way it would break the layer that begins (XS-021, XS-041), and after SASL it would stand in front of the new XML declaration.
    /// </summary>
    private void NoteNegotiation(in StreamElement element)
    {
        var name = element.LocalName(Buffer);
        if (element.Namespace == KnownNamespace.Streams)
        {
            if (!name.SequenceEqual("features"u8))
            {
                return;
            }

            _mostQuietSweeps = StreamLiveness.QuietSweeps(element.Slice(Buffer));
        }
        else if (name.SequenceEqual("success"u8))
        {
            _isAuthenticated = true;
            if (element.Namespace == KnownNamespace.Sasl)
            {
                return; // RFC 6120 §6.4.6: a new stream comes first, and its features
            }
        }

        if (_isAuthenticated && _keepAlive is not null)
        {
            _keepAlive.Add(this);
            if (Volatile.Read(ref _disposed) != 0)
            {
                _keepAlive.Remove(this);
            }
        }
    }

    private async Task WriteSpaceAsync()
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Volatile.Read(ref _writer) != Nobody)
        {
            return; // whoever writes ends the silence
        }

        _spaceWritten = written;
        if (Interlocked.CompareExchange(ref _writer, KeepAlive, Nobody) != Nobody)
        {
            written.SetResult();
            return;
        }

        _quietSweeps = 0;
        try
        {
            await _transport.WriteAsync(Space, CancellationToken.None); // ended by disposing
        }
        catch (Exception e) when (IsLoss(e))
        {
            // The reader sees it, too.
        }
        finally
        {
            Volatile.Write(ref _writer, Nobody);
            written.SetResult();
        }
    }
}
