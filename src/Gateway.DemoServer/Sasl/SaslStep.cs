namespace Gateway.DemoServer.Sasl;

/// <summary>What a mechanism says to one message of the client.</summary>
internal enum SaslOutcome
{
    /// <summary>The client must answer once more.</summary>
    Challenge,

    /// <summary>It is who it says.</summary>
    Success,

    /// <summary>It is not, or the message makes no sense.</summary>
    Failure,
}

/// <summary>One step of an exchange.</summary>
/// <param name="Outcome">Which of the three.</param>
/// <param name="Data">Challenge or additional data with success; null for none.</param>
/// <param name="User">The account's name on success; null for a new anonymous one.</param>
/// <param name="Condition">The failure's name (RFC 6120 §6.5).</param>
internal readonly record struct SaslStep(SaslOutcome Outcome, byte[]? Data = null, string? User = null, string? Condition = null)
{
    public static SaslStep Fail(string condition) => new(SaslOutcome.Failure, Condition: condition);
}
