using System.CommandLine;
using Gateway.Floors;
using Gateway.Floors.Sink;
using Gateway.Hosting;

ProcessDefaults.Apply();

var root = new RootCommand("What the gateway is measured against, and what it is measured with. Loopback only.")
{
    RelayFloor.Create(),
    EchoFloor.Create(),
    SinkVerb.Create(),
};
return await root.Parse(args).InvokeAsync();
