using Gateway.Configuration;
using Gateway.Demo;

namespace Gateway.Hosting;

/// <summary>Says loudly that this is a demo, and how to use it.</summary>
internal static class DemoBanner
{
    /// <summary>Prints the page, the URLs and the accounts.</summary>
    public static void Write(TextWriter output, GatewayOptions options, BoundListeners bound)
    {
        const string Line = "======================================================================";
        output.WriteLine(Line);
        output.WriteLine("DEMO MODE: for trying the gateway on this machine, never for service.");
        output.WriteLine("Accounts, certificate and messages are in memory and gone at the end.");
        output.WriteLine();
        foreach (var url in bound.Public.OrderBy(u => u, StringComparer.Ordinal))
        {
            output.WriteLine($"  Web client  {url}/");
            if (options.Bosh.Enabled)
            {
                output.WriteLine($"  BOSH        {url}{options.Bosh.Paths.FirstOrDefault()}");
            }

            if (options.WebSocket.Enabled)
            {
                output.WriteLine($"  WebSocket   ws{url["http".Length..]}{options.WebSocket.Paths.FirstOrDefault()}");
            }

            output.WriteLine();
        }

        if (!DemoPage.HasClient)
        {
            output.WriteLine("  The chat client is not in this build (npm was not there); the page says what is missing.");
        }

        output.WriteLine($"  Accounts    alice@{DemoMode.Domain} and bob@{DemoMode.Domain}, password demo; or anonymous");
        output.WriteLine($"  Management  {bound.Management}");
        output.WriteLine(Line);
        output.Flush();
    }
}
