using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;

namespace Gateway.Core.Bosh;

/// <summary>What goes up: payloads and stream restarts (section 15).</summary>
public sealed partial class BoshSessionMachine
{
    private bool _mayRestartEarly = true;
    private DownPayload? _firstFeatures;

    /// <summary>BOSH-107..112. Payloads of the request are ignored.</summary>
    private void Restart(HeldRequest exchange, BoshBody body, TimeSpan now)
    {
        if (body.To is { } to && !(DomainName.TryPrepare(to, out var name) && name.Unicode == _terms.Domain))
        {
            End(SessionEndReason.BadRequest, exchange, BackendClose.Clean, now);
            return;
        }

        if (!_restartExpected)
        {
            RestartEarly(exchange, now);
            return;
        }

        _restartExpected = false;
        _streamManagement = false;
        _effects.Add(new BoshEffect.RestartBackend(
            LanguageTag.Or(body.Lang, _terms.Lang),
            BareJid.IfOf(body.From, _terms.Domain) ?? _terms.From,
            BoshTerms.StreamVersion(body.XmppVersion) ?? _terms.Version));
    }

    /// <summary>
    /// COMPAT: node-xmpp-client 3.2 asks for a restart right after the creation, before it says anything. The stream is as new
    /// as it can be, so it gets the same features again and the backend hears nothing. Once; whoever has spoken gets BOSH-110.
    /// </summary>
    private void RestartEarly(HeldRequest exchange, TimeSpan now)
    {
        if (!_mayRestartEarly)
        {
            End(SessionEndReason.BadRequest, exchange, BackendClose.Clean, now);
            return;
        }

        if (_buffer.Count == 0 && _firstFeatures is { } features)
        {
            Buffer(features);
        }

        ForgetTheBeginning();
    }

    /// <summary>Something was said on the stream: it is not new any more.</summary>
    private void ForgetTheBeginning()
    {
        _mayRestartEarly = false;
        _firstFeatures = null;
    }

    /// <summary>Payloads go up, side by side. False: one of them has ended the session.</summary>
    private bool Forward(HeldRequest exchange, BoshRequest request, TimeSpan now)
    {
        if (request.Payloads.Count == 0)
        {
            return true;
        }

        if (_restartExpected)
        {
            // BOSH-111
            End(SessionEndReason.BadRequest, exchange, BackendClose.Clean, now);
            return false;
        }

        ForgetTheBeginning();
        var start = 0;
        var count = 0;
        var at = 0;
        foreach (var payload in request.Payloads)
        {
            SessionEndReason? refusal = payload.Kind switch
            {
                BoshPayloadKind.StartTls or BoshPayloadKind.Forbidden => SessionEndReason.BadRequest,
                _ => null,
            };
            var verdict = _policy.Judge(request.Bytes.Span.Slice(at, payload.Length), IsAuthenticated);
            refusal ??= verdict.Action == ClientElementAction.End ? verdict.Reason : null;
            if (refusal is { } reason)
            {
                End(reason, exchange, BackendClose.Clean, now);
                return false;
            }

            if (verdict.Action != ClientElementAction.Forward)
            {
                Write(request, start, at, count);
                start = at + payload.Length;
                count = 0;
                Divert(verdict, now);
                if (HasEnded)
                {
                    return false;
                }
            }
            else
            {
                _streamManagement |= payload.Kind == BoshPayloadKind.StreamManagement;
                count++;
            }

            at += payload.Length;
        }

        Write(request, start, at, count);
        return true;
    }

    private void Write(BoshRequest request, int start, int end, int count)
    {
        if (count > 0)
        {
            _effects.Add(new BoshEffect.WriteBackend(request.Bytes[start..end], count));
        }
    }
}
