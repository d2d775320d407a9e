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
    ReportVerb.Create(),
};
return await root.Parse(args).InvokeAsync();
