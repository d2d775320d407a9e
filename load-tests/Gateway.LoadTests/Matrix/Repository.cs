using Gateway.LoadTests.Matrix.Programs;

namespace Gateway.LoadTests.Matrix;

/// <summary>The repository that this program was built in.</summary>
internal static class Repository
{
    private static readonly TimeSpan GitWithin = TimeSpan.FromSeconds(20);

    /// <summary>Its folder.</summary>
    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("This program does not stand in its repository: give --gateway.");
    }

    /// <summary>The commit, with <c>+changes</c> if the tree differs from it.</summary>
    public static async Task<string> CommitAsync(string directory, CancellationToken ct)
    {
        try
        {
            var root = Root();
            var commit = await ChildProcess.RunAsync("git", ["-C", root, "rev-parse", "--short=10", "HEAD"], directory, GitWithin, ct);
            var changes = await ChildProcess.RunAsync("git", ["-C", root, "status", "--porcelain", "--untracked-files=no"], directory, GitWithin, ct);
            return commit.Trim() + (string.IsNullOrWhiteSpace(changes) ? "" : "+changes");
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
