namespace Gateway.Interop.Tests.Support;

/// <summary>A temporary folder of this run, gone with it; INTEROP_KEEP=1 leaves it for a look at the logs.</summary>
internal sealed class RunDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gateway-interop-").FullName;

    public string Sub(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("INTEROP_KEEP") != "1")
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
