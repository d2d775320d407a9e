namespace Gateway.Core.Backend;

/// <summary>One server to be tried.</summary>
/// <param name="Server">Where it is.</param>
/// <param name="Security">How it is protected: never <see cref="BackendSecurity.Srv"/>.</param>
/// <param name="IsPublic">Named by the DNS of a domain without a backend, which its owner controls: its addresses must be public ones (DISC-035).</param>
internal readonly record struct BackendTarget(BackendAddress Server, BackendSecurity Security, bool IsPublic);
