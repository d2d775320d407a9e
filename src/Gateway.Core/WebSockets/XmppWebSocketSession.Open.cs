using Gateway.Core.Backend;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.WebSockets;

/// <summary>The client's <c>open</c>: a backend stream at first, a new stream on the same connection after SASL.</summary>
public sealed partial class XmppWebSocketSession
{
    private string _streamDomain = "";
    private string? _from;
    private string _lang = "en";

    private async ValueTask OpenAsync(StreamHeader header, CancellationToken aborted)
    {
        if (header.To is not { Length: > 0 } to || _context.Domains.Find(to, out var name) is not { } served)
        {
            End(SessionEndReason.HostUnknown);
            return;
        }

        _streamDomain = name.Unicode;
        _limits = served.Limits ?? _limits;
        _policy = new ClientElementPolicy(served.Security, _streamDomain, _limits.AuthFailuresPerSession);
        _served = served;
        _from = BareJid.IfOf(header.From, _streamDomain);
        _lang = LanguageTag.Or(header.Lang, "en");
        try
        {
            var request = new BackendRequest(served.Backend, _streamDomain, _from, _lang, _connection) { Session = Id, Pool = served.Pool };

            // Nothing is read from the client meanwhile: what it sends early waits in TCP, in order (WS-039).
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(_abort.Token, aborted);
            var connecting = _context.Connector.ConnectAsync(request, giveUp.Token);
            if (await Task.WhenAny(connecting, _ending.Task) != connecting)
            {
                await giveUp.CancelAsync();
            }

            _backend = await connecting;
            Log.Started(_context.Log, Id, served.Name);
        }
        catch (BackendConnectException e)
        {
            End(WebSocketEnding.For(e.Reason, false, false) with { RelayedError = e.StreamError });
            return;
        }
        catch (OperationCanceledException)
        {
            End(SessionEndReason.ClientLost);
            return;
        }

        if (_ending.Task.IsCompleted)
        {
            // It came too late, and nothing was said on it yet.
            await _backend.DisposeAsync();
            _backend = null;
            return;
        }

        _down = RunDownAsync(_backend);
    }

    private async ValueTask RestartAsync(StreamHeader header)
    {
        // WS-043, WS-037: the same domain again, by name.
        if (header.To is null || !DomainName.TryPrepare(header.To, out var name) || name.Unicode != _streamDomain)
        {
            await EndUpAsync(Ending(SessionEndReason.HostUnknown));
            return;
        }

        _from = BareJid.IfOf(header.From, _streamDomain) ?? _from;
        _lang = LanguageTag.Or(header.Lang, _lang);
        await FlushUpAsync();
        _isRestartDue = false;
        try
        {
            await _backendGate.WaitAsync(_abort.Token);
            try
            {
                if (!_hasLeftBackend)
                {
                    await _backend!.RestartAsync(new StreamHeader { To = _streamDomain, From = _from, Lang = _lang, Version = "1.0" }, _abort.Token);
                }
            }
            finally
            {
                _backendGate.Release();
            }
        }
        catch (IOException)
        {
            End(SessionEndReason.BackendLost);
        }
    }

    private static bool IsSupported(string? version)
    {
        var major = version?.Split('.')[0];
        return int.TryParse(major, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= 1;
    }
}
