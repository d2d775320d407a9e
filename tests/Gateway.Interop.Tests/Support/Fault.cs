namespace Gateway.Interop.Tests.Support;

/// <summary>What a bad network, or a bad proxy, does to one request of a client.</summary>
public enum Fault
{
    None,

    /// <summary>The gateway has it and answers; the connection breaks before the answer.</summary>
    AnswerLost,

    /// <summary>The gateway never sees it; the connection breaks.</summary>
    RequestSwallowed,

    /// <summary>A proxy answers 502 although the gateway has it.</summary>
    BadGateway,

    /// <summary>A proxy answers 503 and the gateway never sees it.</summary>
    ServiceUnavailable,

    /// <summary>It takes its time, and requests after it overtake it.</summary>
    Delayed,

    /// <summary>The gateway gets it twice, at the same time.</summary>
    SentTwice,

    /// <summary>Every connection breaks, with the requests that are held on them; the gateway has had them all.</summary>
    AllCut,
}
