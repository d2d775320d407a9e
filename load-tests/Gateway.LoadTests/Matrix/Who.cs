namespace Gateway.LoadTests.Matrix;

/// <summary>Names of those who do the work.</summary>
internal static class Who
{
    public const string Gateway = "gateway";
    public const string Relay = "L";
    public const string SecureRelay = "T";
    public const string Echo = "E";
    public const string Tcp = "sink";
    public const string Prosody = "Prosody";
    public const string Ejabberd = "ejabberd";

    /// <summary>A peer is shown beside; neither its speed nor its faults are ours.</summary>
    public static bool IsPeer(string who) => who is Prosody or Ejabberd;
}
