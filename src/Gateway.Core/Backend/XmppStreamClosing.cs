using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Backend;

/// <summary>
/// The ways to end a backend stream in words. Each is bounded in time, throws nothing for a lost connection and disposes the
/// stream. The wordless way, for a client that vanished, is to dispose the stream (XS-052).
/// </summary>
public static class XmppStreamClosing
{
    /// <summary>How long the backend's <c>&lt;/stream:stream&gt;</c> is waited for (XS-051): 5 s.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long last words may take to be written to a backend that does not read: 1 s.</summary>
    public static readonly TimeSpan LastWordsTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The clean close (XS-051): says <c>&lt;/stream:stream&gt;</c>, reads on until the backend says it too or the time is over.
    /// Nobody else may be reading or writing any more.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="time">The clock.</param>
    /// <param name="deliver">Gets each element that still comes, stream errors included; it stands in <see cref="IXmppStream.Buffer"/> until the returned task is done.</param>
    public static async ValueTask CloseCleanlyAsync(this IXmppStream stream, TimeProvider time, Func<IXmppStream, StreamElement, ValueTask>? deliver = null)
    {
        using var timeout = new CancellationTokenSource(CloseTimeout, time);
        try
        {
            await stream.WriteAsync(CloseBytes, timeout.Token);
            do
            {
                while (stream.TryRead(out var element))
                {
                    if (element.Kind is StreamElementKind.StreamClose or StreamElementKind.Error)
                    {
                        return;
                    }

                    if (element.Kind == StreamElementKind.FirstLevelElement && deliver is not null)
                    {
                        await deliver(stream, element);
                    }
                }
            }
            while (await stream.FillAsync(timeout.Token));
        }
        catch (IOException)
        {
            // The backend is gone: closed enough.
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // It had its time.
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>Answers the backend's own close or stream error (XS-048, XS-053) and disposes. Nobody else may be writing.</summary>
    public static ValueTask AnswerCloseAsync(this IXmppStream stream, TimeProvider time) => SayAndDisposeAsync(stream, CloseBytes, time);

    /// <summary>Tells the backend why the gateway cannot go on with it (XS-050), closes and disposes. Nobody else may be writing.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="condition">What is wrong, such as <see cref="FramingErrors.ToCondition"/> of <see cref="IXmppStream.Error"/>.</param>
    /// <param name="time">The clock.</param>
    public static async ValueTask FailAsync(this IXmppStream stream, StreamErrorCondition condition, TimeProvider time)
    {
        using var output = new PooledByteWriter();
        XmppStreamWriter.WriteError(output, condition, null, stanzaTooBig: false, declarePrefix: false);
        output.Write(XmppStreamWriter.Close);
        await SayAndDisposeAsync(stream, output.WrittenMemory, time);
    }

    private static ReadOnlyMemory<byte> CloseBytes { get; } = XmppStreamWriter.Close.ToArray();

    private static async ValueTask SayAndDisposeAsync(IXmppStream stream, ReadOnlyMemory<byte> words, TimeProvider time)
    {
        using var timeout = new CancellationTokenSource(LastWordsTimeout, time);
        try
        {
            await stream.WriteAsync(words, timeout.Token);
        }
        catch (IOException)
        {
            // Nobody there to hear it.
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            // Nor willing.
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }
}
