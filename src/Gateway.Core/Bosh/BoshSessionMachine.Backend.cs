using Gateway.Core.Sessions;

namespace Gateway.Core.Bosh;

/// <summary>What the backend does: features, elements, its end.</summary>
public sealed partial class BoshSessionMachine
{
    private static readonly byte[] CompressFailure = "<failure xmlns='http://jabber.org/protocol/compress'><setup-failed/></failure>"u8.ToArray();

    private readonly Queue<DownPayload> _buffer = new();
    private int _bufferedBytes;
    private bool _backendPaused;
    private bool _restartExpected;
    private bool _streamManagement;
    private bool _isResumable;
    private string? _streamId;
    private string? _streamVersion;

    private void OnBackendOpened(BoshEvent.BackendOpened opened)
    {
        if (HasEnded)
        {
            return;
        }

        _phase = Phase.Active;
        _streamId = opened.StreamId;
        _streamVersion = opened.Version ?? "1.0";
        _firstFeatures = _mayRestartEarly ? opened.Features : null;
        Buffer(opened.Features);
    }

    private void OnBackendRead(IReadOnlyList<DownPayload> payloads, TimeSpan now)
    {
        foreach (var payload in payloads)
        {
            if (HasEnded)
            {
                return;
            }

            ForgetTheBeginning();
            if (_restartExpected)
            {
                // XS-043: between success and its new header the backend has nothing to say.
                End(SessionEndReason.BackendProtocolError, cause: null, BackendClose.Error, now);
                return;
            }

            switch (payload.Kind)
            {
                case DownPayloadKind.SaslSuccess:
                    IsAuthenticated = true;
                    _restartExpected = true;
                    break;
                case DownPayloadKind.Sasl2Success:
                    IsAuthenticated = true;
                    break;
                case DownPayloadKind.Sasl2SuccessResumable:
                    IsAuthenticated = true;
                    _isResumable = true;
                    break;
                case DownPayloadKind.Resumable:
                    _isResumable = true;
                    break;
                case DownPayloadKind.SaslFailure:
                    _streamManagement = false; // what SASL2 asked for along with the login
                    Fail(payload, BoshObservation.AuthFailed, now);
                    continue;
                case DownPayloadKind.StreamManagementFailed:
                    _streamManagement = false;
                    break;
                default:
                    break;
            }

            Buffer(payload);
        }
    }

    /// <summary>The client hears that its login failed; once too often, and of the end with it (EDGE-038).</summary>
    private void Fail(in DownPayload failure, BoshObservation what, TimeSpan now)
    {
        Buffer(failure);
        _effects.Add(new BoshEffect.Observe(what, 1));
        if (_policy.CountFailure())
        {
            End(SessionEndReason.AuthFailures, cause: null, BackendClose.Clean, now);
        }
    }

    private void OnBackendEnded(BoshEvent.BackendEnded ended, TimeSpan now)
    {
        if (HasEnded)
        {
            // What is still owed to the client has another cause.
            return;
        }

        _streamError = ended.StreamError;
        End(ended.Reason, cause: null, ended.Reason switch
        {
            SessionEndReason.BackendClosed or SessionEndReason.RemoteStreamError => BackendClose.Answer,
            SessionEndReason.BackendProtocolError => BackendClose.Error,
            SessionEndReason.InternalServerError => BackendClose.Clean,
            _ => BackendClose.Unclean,
        }, now);
    }

    private void Buffer(in DownPayload payload)
    {
        _buffer.Enqueue(payload);
        _bufferedBytes += payload.Bytes.Length;
    }

    /// <summary>BOSH-048: what the client does not fetch is not read.</summary>
    private void BalanceBackend()
    {
        var isFull = _bufferedBytes >= _options.MaxBufferedBytes;
        if (isFull != _backendPaused)
        {
            _backendPaused = isFull;
            _effects.Add(isFull ? new BoshEffect.PauseBackend() : new BoshEffect.ResumeBackend());
        }
    }
}
