using Gateway.Core.Policies;
using Gateway.Core.Sessions;

namespace Gateway.Core.Bosh;

/// <summary>What a policy has to say of a client's payloads and of its logins.</summary>
public sealed partial class BoshSessionMachine
{
    private readonly ClientElementPolicy _policy;

    /// <summary>A payload that does not go up as it came.</summary>
    private void Divert(in ClientElementVerdict verdict, TimeSpan now)
    {
        switch (verdict.Action)
        {
            case ClientElementAction.Replace:
                _effects.Add(new BoshEffect.WriteBackend(verdict.Bytes, 1));
                break;
            case ClientElementAction.Fail:
                Fail(new DownPayload(verdict.Bytes, DownPayloadKind.SaslFailure, NeedsStream: false), BoshObservation.MechanismRefused, now);
                break;
            default:
                // BOSH-113, EDGE-023
                Buffer(new DownPayload(verdict.Bytes, DownPayloadKind.Other, NeedsStream: false));
                break;
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
}
