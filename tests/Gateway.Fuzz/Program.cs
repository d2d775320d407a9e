using System.CommandLine;
using Gateway.Fuzz;

var seconds = new Option<double?>("--seconds") { Description = "How long to run, all targets together.", HelpName = "N" };
var cases = new Option<int?>("--cases") { Description = "How many cases of each target to run (default 2000).", HelpName = "N" };
var seed = new Option<int>("--seed") { Description = "Case n is made from seed + n alone.", HelpName = "S", DefaultValueFactory = _ => 1 };
var targets = new Option<string[]>("--target") { Description = "Targets, with commas between: " + string.Join(',', FuzzTargets.Names) + " (default: all).", HelpName = "NAME,..." };
var corpus = new Option<DirectoryInfo>("--corpus")
{
    Description = "Inputs that failed once, a folder for each target: played first, and where new ones are written.",
    HelpName = "DIR",
    DefaultValueFactory = _ => new DirectoryInfo("tests/Gateway.Fuzz/corpus"),
};
corpus.AcceptExistingOnly();
var root = new RootCommand("Feeds mutated input to every parser of the gateway, and to a whole one.") { seconds, cases, seed, targets, corpus };
root.Validators.Add(result =>
{
    if (result.GetValue(seconds) is not null && result.GetValue(cases) is not null)
    {
        result.AddError("Either --seconds or --cases.");
    }

    foreach (var unknown in Split(result.GetValue(targets)).Except(FuzzTargets.Names))
    {
        result.AddError($"There is no target '{unknown}'.");
    }
});
root.SetAction(result =>
{
    TimeSpan? time = result.GetValue(seconds) is { } s ? TimeSpan.FromSeconds(s) : null;
    var count = time is null ? result.GetValue(cases) ?? 2000 : int.MaxValue;
    var named = Split(result.GetValue(targets));
    return new FuzzRunner(time, count, result.GetValue(seed), result.GetValue(corpus)!.FullName, Console.Out).RunAsync(named.Length > 0 ? named : [.. FuzzTargets.Names]);
});
var parsed = root.Parse(args);
var exit = await parsed.InvokeAsync();
return parsed.Errors.Count > 0 ? 2 : exit;

static string[] Split(string[]? names) => names is null ? [] : [.. names.SelectMany(n => n.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
