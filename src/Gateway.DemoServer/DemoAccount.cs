namespace Gateway.DemoServer;

/// <summary>An account of the demo server.</summary>
/// <param name="Name">The local part of its JID, ASCII in lower case.</param>
/// <param name="Password">Its password, ASCII: what SASLprep would leave as it is.</param>
public sealed record DemoAccount(string Name, string Password);
