using Gateway.LoadTests.Clients;
using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Scenarios;

/// <summary>What kind of sessions, and where.</summary>
internal sealed record SessionSource(LoadTransport Transport, LoadTarget Target, bool IsRawStream, bool RemembersRequests = false);
