namespace Gateway.Core.Backend.Dns;

/// <summary>Finds services and addresses by name. It throws only when the caller gives up.</summary>
public interface ISrvResolver
{
    /// <summary>Who is asked for addresses, for the log.</summary>
    string AskedForAddresses { get; }

    /// <summary>The SRV records of a service, in no order.</summary>
    /// <param name="service">Such as <c>_xmpp-client._tcp</c>.</param>
    /// <param name="domain">In A-label form.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<DnsAnswer> FindServiceAsync(string service, string domain, CancellationToken cancellationToken);

    /// <summary>The addresses of a host, of both families.</summary>
    /// <param name="host">In A-label form.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<DnsAnswer> FindAddressesAsync(string host, CancellationToken cancellationToken);
}
