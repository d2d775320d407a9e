using System.CommandLine;
using Gateway.LoadTests.Verbs;

var root = new RootCommand("Load for the gateway, its floors and its peers. Loopback only.");
root.Subcommands.Add(ReportVerb.Create());
return await root.Parse(args).InvokeAsync();
