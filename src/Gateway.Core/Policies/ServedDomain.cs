using Gateway.Core.Backend.Pools;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;

namespace Gateway.Core.Policies;

/// <summary>One row of the table of served domains.</summary>
/// <param name="Name">A domain, or <c>*.</c> and a domain; lower case.</param>
/// <param name="Backend">The name of its backend, or <see cref="OwnSrv"/>.</param>
public sealed record ServedDomain(string Name, string Backend)
{
    /// <summary>Stands for a backend: the domain's own SRV records say where it is.</summary>
    public const string OwnSrv = "";

    /// <summary>The name, in logs and metrics, of what serves the domains without a backend.</summary>
    public const string OwnSrvName = "srv";

    /// <summary>The name of its backend in logs and metrics.</summary>
    public string BackendName => Backend.Length == 0 ? OwnSrvName : Backend;

    /// <summary>That backend as it was set up together with this row.</summary>
    internal BackendPool? Pool { get; set; }

    /// <summary>What its clients may do.</summary>
    public DomainSecurity Security { get; init; } = DomainSecurity.Default;

    /// <summary>What its sessions may cost; null: what all may.</summary>
    public SessionLimits? Limits { get; init; }

    /// <summary>What its BOSH sessions are granted; null: what all are.</summary>
    public BoshOptions? Bosh { get; init; }
}
