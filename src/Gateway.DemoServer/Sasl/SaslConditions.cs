namespace Gateway.DemoServer.Sasl;

/// <summary>The failures of RFC 6120 §6.5 that can happen here.</summary>
internal static class SaslConditions
{
    public const string Aborted = "aborted";
    public const string IncorrectEncoding = "incorrect-encoding";
    public const string InvalidAuthzid = "invalid-authzid";
    public const string InvalidMechanism = "invalid-mechanism";
    public const string MalformedRequest = "malformed-request";
    public const string NotAuthorized = "not-authorized";
}
