using System.CommandLine;

var root = new RootCommand("Load for the gateway, its floors and its peers. Loopback only.");
return await root.Parse(args).InvokeAsync();
