using Gateway.Core.Policies;

namespace Gateway.Hosting;

/// <summary>Tells of the domains whose backends' offers are changed (EDGE-009).</summary>
internal static partial class MechanismRemovals
{
    /// <summary>One line for each removal that was not told of before.</summary>
    public static void Tell(ILogger log, IEnumerable<ServedDomain> domains, IEnumerable<ServedDomain> before)
    {
        var told = before.SelectMany(d => d.Security.Removals.Select(r => (d.Name, r))).ToHashSet();
        foreach (var (name, removal) in domains.SelectMany(d => d.Security.Removals.Select(r => (d.Name, r))).Where(r => !told.Contains(r)))
        {
            Log.MechanismsRemoved(log, name, removal);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8301, LogLevel.Warning,
            "Domain {Domain}: login mechanisms are taken out of its backend's offers: {Removal}. Disable them on the backend instead: clients that check the offers against tampering (XEP-0474) fail to log in",
            EventName = "MechanismsRemoved")]
        public static partial void MechanismsRemoved(ILogger logger, string domain, string removal);
    }
}
