namespace Gateway.Core.Backend.Dns;

/// <summary>What came of a question.</summary>
public enum DnsOutcome : byte
{
    /// <summary>No server gave an answer that can be used: time-out, server failure, refusal.</summary>
    NoAnswer,

    /// <summary>The name does not exist, or has no record of the type.</summary>
    NoData,

    /// <summary>There are records.</summary>
    Found,
}
