namespace Gateway.Xmpp.Framing;

/// <summary>The declarations on the root's start tag: what its children inherit. Immutable, owns its bytes.</summary>
public sealed class NamespaceScope
{
    /// <summary>Nothing is declared: the scope of a WebSocket message.</summary>
    public static NamespaceScope Empty { get; } = new([], []);

    private readonly (byte[] Prefix, byte[] Name)[] _prefixes;

    internal NamespaceScope((byte[] Prefix, byte[] Name)[] prefixes, byte[] defaultNamespace)
    {
        _prefixes = prefixes;
        DefaultNamespaceBytes = defaultNamespace;
        DefaultKnown = KnownNamespaces.Find(defaultNamespace);
    }

    /// <summary>Number of prefix declarations, at most 64.</summary>
    public int Count => _prefixes.Length;

    /// <summary>The default namespace name; empty if there is none.</summary>
    public ReadOnlySpan<byte> DefaultNamespace => DefaultNamespaceBytes;

    internal byte[] DefaultNamespaceBytes { get; }

    internal KnownNamespace DefaultKnown { get; }

    /// <summary>Prefix of declaration <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> PrefixAt(int index) => _prefixes[index].Prefix;

    /// <summary>Namespace name of declaration <paramref name="index"/>, references resolved.</summary>
    public ReadOnlySpan<byte> NameAt(int index) => _prefixes[index].Name;

    /// <summary>Index of the declaration of a prefix, or -1.</summary>
    public int IndexOf(ReadOnlySpan<byte> prefix)
    {
        for (var i = 0; i < _prefixes.Length; i++)
        {
            if (prefix.SequenceEqual(_prefixes[i].Prefix))
            {
                return i;
            }
        }

        return -1;
    }
}
