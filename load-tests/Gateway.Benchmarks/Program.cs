using BenchmarkDotNet.Running;
using Gateway.Benchmarks;

var quick = args.Contains("--quick", StringComparer.Ordinal);
BenchmarkSwitcher.FromAssembly(typeof(FramerBenchmark).Assembly).Run([.. args.Where(a => a != "--quick")], new BenchmarkConfig(quick));
