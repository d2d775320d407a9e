using System.CommandLine;
using Gateway.LoadTests;
using Gateway.LoadTests.Verbs;

ProcessDefaults.Apply();

var root = new RootCommand("Load for the gateway, its floors and its peers. Loopback only.")
{
    RunVerb.Create(),
    MatrixVerb.Create(),
    ScaleVerb.Create(),
    SoakVerb.Create(),
    OutageVerb.Create(),
    ReportVerb.Create(),
};

// Whoever is interrupted ends the programs it started, which are given time to drain.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
