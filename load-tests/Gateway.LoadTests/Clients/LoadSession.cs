using Gateway.Xmpp.Framing;

namespace Gateway.LoadTests.Clients;

/// <summary>One XMPP session as a client has it, over whatever transport.</summary>
internal abstract partial class LoadSession : IDisposable
{
    private readonly ISessionListener _listener;
    private readonly TaskCompletionSource _goodbye = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SessionState _state;

    /// <summary>Makes one that is not connected yet.</summary>
    protected LoadSession(SessionSettings settings, ISessionListener listener)
    {
        Settings = settings;
        _listener = listener;
    }

    /// <summary>The full JID, once logged in.</summary>
    public string Jid { get; protected set; } = "";

    /// <summary>Logged in, and neither closed nor lost.</summary>
    public bool IsOpen => _state == SessionState.Open;

    /// <summary>Bytes that wait here to be sent.</summary>
    public abstract int QueuedBytes { get; }

    /// <summary>What it was made with.</summary>
    protected SessionSettings Settings { get; }

    /// <summary>Closing or closed: the peer's end is no surprise.</summary>
    protected bool IsEnding => _state >= SessionState.Closing;

    /// <summary>Sends a stanza, or leaves it to the send that is under way. Never waits.</summary>
    public abstract void Send(ReadOnlySpan<byte> stanza);

    /// <summary>What is sent until <see cref="Uncork"/> goes out together.</summary>
    public abstract void Cork();

    /// <summary>Sends what was collected.</summary>
    public abstract void Uncork();

    /// <summary>Stops reading.</summary>
    public abstract void Pause();

    /// <summary>Reads on.</summary>
    public abstract void Resume();

    /// <summary>Ends without a word.</summary>
    public void Vanish()
    {
        _state = SessionState.Closed;
        Cut();
        _goodbye.TrySetResult();
    }

    /// <summary>Ends as the protocol has it, and waits for the answer.</summary>
    /// <exception cref="TimeoutException">None came.</exception>
    /// <exception cref="IOException">The connection broke instead.</exception>
    public async Task SayGoodbyeAsync(TimeSpan timeout)
    {
        if (_state == SessionState.Open)
        {
            _state = SessionState.Closing;
            SendGoodbye();
            await _goodbye.Task.WaitAsync(timeout);
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state = SessionState.Closed;
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Drops the connections with a reset.</summary>
    protected abstract void Cut();

    /// <summary>Drops the connections.</summary>
    protected abstract void Release();

    /// <summary>Says goodbye; <see cref="GoodbyeAnswered"/> is owed.</summary>
    protected abstract void SendGoodbye();

    /// <summary>The peer has said goodbye, too.</summary>
    protected void GoodbyeAnswered() => _goodbye.TrySetResult();

    /// <summary>The session is over, or never came to be.</summary>
    protected void Fail(string reason)
    {
        var before = _state;
        if (before == SessionState.Closing)
        {
            _goodbye.TrySetException(new IOException(reason)); // too late where the answer has come
            return;
        }

        if (before == SessionState.Closed)
        {
            return;
        }

        _state = SessionState.Closed;
        Release();
        if (before == SessionState.Open)
        {
            _listener.OnLost(reason);
        }
        else
        {
            _login.TrySetException(new IOException($"login, {before}: {reason}"));
        }
    }

    /// <summary>Reads the bytes of a stream.</summary>
    /// <returns>How many are done with.</returns>
    protected int ReadStream(XmppFramer framer, ReadOnlySpan<byte> bytes)
    {
        var done = 0;
        while (done < bytes.Length && _state != SessionState.Closed)
        {
            var rest = bytes[done..];
            var element = framer.Read(rest);
            switch (element.Kind)
            {
                case StreamElementKind.None:
                    return done;
                case StreamElementKind.FirstLevelElement:
                    OnElement(element, rest);
                    break;
                case StreamElementKind.StreamClose:
                    OnPeerGoodbye();
                    break;
                case StreamElementKind.Error:
                    throw new InvalidDataException($"The stream is broken: {framer.Error}.");
                default:
                    break;
            }

            done += element.End;
        }

        return done;
    }

    /// <summary>The peer has closed its stream.</summary>
    protected virtual void OnPeerGoodbye()
    {
        if (_state == SessionState.Closing)
        {
            GoodbyeAnswered();
        }
        else
        {
            Fail("the server closed the stream");
        }
    }

    /// <summary>Hands a stanza on.</summary>
    protected void Deliver(ReadOnlySpan<byte> stanza, int tagLength) => _listener.OnStanza(stanza, tagLength);

    /// <summary>A first-level element.</summary>
    protected void OnElement(in StreamElement element, ReadOnlySpan<byte> bytes)
    {
        if (element.Namespace == KnownNamespace.Streams && element.LocalName(bytes).SequenceEqual("error"u8))
        {
            Fail($"stream error {System.Text.Encoding.UTF8.GetString(element.Slice(bytes))}");
        }
        else if (_state is SessionState.Open or SessionState.Closing)
        {
            _listener.OnStanza(element.Slice(bytes), element.TagLength);
        }
        else
        {
            Negotiate(element, bytes);
        }
    }
}
