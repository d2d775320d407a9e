using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace Gateway.Interop.Tests.Support;

/// <summary>Each client with each server; both are lists with commas.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CombinedDataAttribute(string clients, string servers) : DataAttribute
{
    public string Clients => clients;

    public string Servers => servers;

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
        [
            .. from client in clients.Split(',')
               from server in servers.Split(',')
               select new TheoryDataRow<string, string>(client, server),
        ]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
