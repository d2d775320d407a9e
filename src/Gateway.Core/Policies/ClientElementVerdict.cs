using Gateway.Core.Sessions;

namespace Gateway.Core.Policies;

/// <summary>What is done with an element from a client.</summary>
public enum ClientElementAction : byte
{
    /// <summary>It goes to the backend as it is.</summary>
    Forward,

    /// <summary>Other bytes go to the backend in its place.</summary>
    Replace,

    /// <summary>It goes nowhere; the client gets an answer.</summary>
    Answer,

    /// <summary>It goes nowhere; the client gets the failure of its login, and may try again.</summary>
    Fail,

    /// <summary>It goes nowhere and ends the session.</summary>
    End,
}

/// <summary>The judgement on an element from a client.</summary>
/// <param name="Action">What is done with it.</param>
/// <param name="Bytes">For the backend or for the client; as they stand on either stream, in a BOSH body and in a message alike.</param>
/// <param name="Reason">Why the session ends, if it does.</param>
public readonly record struct ClientElementVerdict(ClientElementAction Action, byte[]? Bytes = null, SessionEndReason Reason = default)
{
    internal static ClientElementVerdict End(SessionEndReason reason) => new(ClientElementAction.End, null, reason);
}
