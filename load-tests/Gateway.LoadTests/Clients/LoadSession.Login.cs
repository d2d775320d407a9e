using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.LoadTests.Clients;

/// <summary>SASL ANONYMOUS, restart, bind: each step waits for the one before, as clients do.</summary>
internal abstract partial class LoadSession
{
    private readonly TaskCompletionSource _login = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Connects, logs in and binds.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public async Task LogInAsync(CancellationToken cancellationToken)
    {
        _state = SessionState.Connecting;
        try
        {
            await ConnectAsync(cancellationToken);
            await _login.Task.WaitAsync(cancellationToken);
        }
        catch
        {
            Vanish();
            throw;
        }
    }

    /// <summary>Connects; <see cref="BeginNegotiation"/> follows when elements may flow.</summary>
    protected abstract Task ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Begins a stream, for the first time or anew.</summary>
    protected abstract void OpenStream(bool isRestart);

    /// <summary>The connection is ready for the stream.</summary>
    protected void BeginNegotiation()
    {
        _state = SessionState.AwaitingFeatures;
        OpenStream(isRestart: false);
    }

    /// <summary>A transport without a login is ready.</summary>
    protected void SkipNegotiation(string jid)
    {
        Jid = jid;
        _state = SessionState.Open;
        _login.TrySetResult();
    }

    private void Negotiate(in StreamElement element, ReadOnlySpan<byte> bytes)
    {
        var name = element.LocalName(bytes);
        var content = element.Slice(bytes);
        if (name.SequenceEqual("features"u8) && _state == SessionState.AwaitingFeatures)
        {
            if (content.IndexOf("ANONYMOUS"u8) < 0)
            {
                Fail("the server does not offer ANONYMOUS");
                return;
            }

            _state = SessionState.Authenticating;
            Send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'>=</auth>"u8);
        }
        else if (name.SequenceEqual("challenge"u8) && _state == SessionState.Authenticating)
        {
            Send("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</response>"u8);
        }
        else if (name.SequenceEqual("success"u8) && _state == SessionState.Authenticating)
        {
            _state = SessionState.Restarting;
            OpenStream(isRestart: true);
        }
        else if (name.SequenceEqual("features"u8) && _state == SessionState.Restarting)
        {
            _state = SessionState.Binding;
            Send(Encoding.UTF8.GetBytes(
                $"<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{Settings.Resource}</resource></bind></iq>"));
        }
        else if (name.SequenceEqual("iq"u8) && _state == SessionState.Binding)
        {
            Bound(content);
        }
        else if (name.SequenceEqual("failure"u8))
        {
            Fail(Encoding.UTF8.GetString(content));
        }
    }

    private void Bound(ReadOnlySpan<byte> answer)
    {
        var start = answer.IndexOf("<jid>"u8);
        var length = start < 0 ? -1 : answer[(start + 5)..].IndexOf((byte)'<');
        if (length <= 0)
        {
            Fail(Encoding.UTF8.GetString(answer));
            return;
        }

        Jid = Encoding.UTF8.GetString(answer.Slice(start + 5, length));
        _state = SessionState.Open;
        _login.TrySetResult();
    }
}
