using System.Security.Cryptography;

namespace Gateway.Configuration;

/// <summary>What some files hold, by hash; of one that is not there, that it is not.</summary>
internal sealed class FileContents
{
    private readonly Dictionary<string, string> _hashes;

    private FileContents(Dictionary<string, string> hashes) => _hashes = hashes;

    /// <summary>Their names.</summary>
    public IReadOnlyCollection<string> Files => _hashes.Keys;

    /// <summary>Looks at files.</summary>
    public static FileContents Of(IEnumerable<string> files) => new(files.Distinct(StringComparer.Ordinal).ToDictionary(f => f, HashOf, StringComparer.Ordinal));

    /// <summary>These, and what others hold now.</summary>
    public FileContents With(IEnumerable<string> files)
    {
        var all = Of(files.Except(_hashes.Keys));
        return new FileContents(_hashes.Concat(all._hashes).ToDictionary(StringComparer.Ordinal));
    }

    /// <summary>Looks at the same files again.</summary>
    public FileContents Again() => Of(_hashes.Keys);

    /// <summary>The files that hold something else there.</summary>
    public IEnumerable<string> DifferentIn(FileContents other) => _hashes.Where(h => other._hashes.TryGetValue(h.Key, out var hash) && hash != h.Value).Select(h => h.Key);

    /// <summary>They hold the same.</summary>
    public bool HoldTheSameAs(FileContents other) => _hashes.Count == other._hashes.Count && _hashes.All(h => other._hashes.GetValueOrDefault(h.Key) == h.Value);

    private static string HashOf(string file)
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
