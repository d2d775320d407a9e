using System.Text;
using Gateway.Xmpp.Buffers;

namespace Gateway.Xmpp.Framing;

/// <summary>
/// The slow way of <see cref="NamespaceRebaser"/>, for elements whose prefixes must change: it writes every tag anew, by
/// the namespaces that the names stand for. Attributes, text and their bytes stay.
/// </summary>
internal sealed class ElementRewriter(PooledByteWriter output, NamespaceScope scope, RebaseTarget target, ulong inheritedPrefixes) : IDisposable
{
    private readonly PooledByteWriter _rest = new();
    private ulong _lost;
    private bool _rootInherits;
    private bool _declaresStream;
    private readonly List<(byte[] Prefix, byte[] Name, int Depth)> _declared = [];
    private readonly Stack<(byte[] Name, byte[] Default)> _open = new();

    /// <summary>Writes a checked element.</summary>
    public void Write(ReadOnlySpan<byte> element)
    {
        // Which declarations of the scope are lost is known at the end only, so the rest waits behind the root's name.
        var reader = new XmlTokenReader(element);
        while (reader.Read())
        {
            switch (reader.Kind)
            {
                case XmlTokenKind.StartTag:
                    WriteStartTag(reader.Token, reader.Depth, reader.IsEmpty);
                    break;
                case XmlTokenKind.EndTag:
                    _rest.Write("</"u8);
                    _rest.Write(_open.Pop().Name);
                    _rest.Write(">"u8);
                    _declared.RemoveAll(declaration => declaration.Depth >= _open.Count);
                    break;
                default:
                    _rest.Write(reader.Token);
                    break;
            }
        }

        for (; _lost != 0; _lost &= _lost - 1)
        {
            var index = System.Numerics.BitOperations.TrailingZeroCount(_lost);
            if (!NamespaceRebaser.IsInScope(scope.PrefixAt(index), scope.NameAt(index), target)
                && !(_declaresStream && "stream"u8.SequenceEqual(scope.PrefixAt(index))))
            {
                // Only attributes need an httpbind prefix still, and BOSH-024 moves elements: merged, two attributes could become one.
                NamespaceRebaser.WriteDeclaration(output, scope.PrefixAt(index), scope.NameAt(index));
            }
        }

        output.Write(_rest.WrittenSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => _rest.Dispose();

    private void WriteStartTag(ReadOnlySpan<byte> token, int depth, bool isEmpty)
    {
        var tag = new StartTag(token);
        Declare(tag, depth);
        var name = Resolve(tag.Prefix, out var inherited);
        var known = KnownNamespaces.Find(name);
        var outerDefault = _open.Count > 0 ? _open.Peek().Default : DefaultAtTarget();

        // Only the root of a stream-level element is asked for by its literal prefix (BOSH-027, WS-027).
        var isStreamRoot = known == KnownNamespace.Streams && depth == 0 && !DeclaresStreamOtherwise();
        var unprefixed = !isStreamRoot && (known == KnownNamespace.Client || tag.Prefix.IsEmpty);
        byte[] written = isStreamRoot ? [.. "stream:"u8, .. tag.LocalName] : unprefixed ? tag.LocalName.ToArray() : tag.Name.ToArray();
        var innerDefault = unprefixed ? name : outerDefault;
        if (!unprefixed && !isStreamRoot)
        {
            Lose(inherited);
        }

        var head = depth == 0 ? output : _rest;
        head.Write("<"u8);
        head.Write(written);
        if (!innerDefault.AsSpan().SequenceEqual(outerDefault))
        {
            NamespaceRebaser.WriteDeclaration(head, default, innerDefault);
        }

        if (isStreamRoot && target == RebaseTarget.Message)
        {
            _declaresStream = true;
            NamespaceRebaser.WriteDeclaration(head, "stream"u8, XmppNamespaces.Streams);
        }

        WriteAttributes(tag, isStreamRoot);
        _rest.Write(isEmpty ? "/>"u8 : ">"u8);
        if (isEmpty)
        {
            _declared.RemoveAll(declaration => declaration.Depth >= depth);
        }
        else
        {
            _open.Push((written, innerDefault));
        }
    }

    private void Declare(StartTag tag, int depth)
    {
        while (tag.TryRead(out var attribute))
        {
            if (attribute.IsDefaultDeclaration || attribute.IsPrefixDeclaration)
            {
                var prefix = attribute.IsDefaultDeclaration ? default : attribute.Name[6..];
                _declared.Add((prefix.ToArray(), ToClient(Encoding.UTF8.GetBytes(XmlText.AttributeValue(attribute.RawValue))), depth));
            }
        }
    }

    private void WriteAttributes(StartTag tag, bool isStreamRoot)
    {
        while (tag.TryRead(out var attribute))
        {
            // Default declarations are written where they change something; the root's stream prefix is written or in scope.
            if (attribute.IsDefaultDeclaration || (isStreamRoot && attribute.Name.SequenceEqual("xmlns:stream"u8)))
            {
                continue;
            }

            var colon = attribute.Name.IndexOf((byte)':');
            if (colon > 0 && !attribute.IsPrefixDeclaration)
            {
                Resolve(attribute.Name[..colon], out var inherited);
                Lose(inherited);
            }

            var quote = attribute.RawValue.Contains((byte)'\'') ? "\""u8 : "'"u8;
            _rest.Write(" "u8);
            _rest.Write(attribute.Name);
            _rest.Write("="u8);
            _rest.Write(quote);
            _rest.Write(attribute.RawValue);
            _rest.Write(quote);
        }
    }

    private void Lose(int index) => _lost |= index < 0 ? 0 : 1UL << index;

    private byte[] DefaultAtTarget() => target switch
    {
        RebaseTarget.Stream => XmppNamespaces.Client.ToArray(),
        RebaseTarget.BoshBody => XmppNamespaces.HttpBind.ToArray(),
        _ => [],
    };

    /// <summary>The namespace that a prefix stands for, and which declaration of the scope says so (-1: the element itself).</summary>
    private byte[] Resolve(ReadOnlySpan<byte> prefix, out int inherited)
    {
        inherited = -1;
        for (var i = _declared.Count - 1; i >= 0; i--)
        {
            if (prefix.SequenceEqual(_declared[i].Prefix))
            {
                return _declared[i].Name;
            }
        }

        if (prefix.IsEmpty)
        {
            // WS-028: an unprefixed stanza in no namespace is taken for jabber:client, all that inherits from it too.
            _rootInherits |= _open.Count == 0;
            return _rootInherits && scope.DefaultKnown == KnownNamespace.None && target == RebaseTarget.Stream
                ? XmppNamespaces.Client.ToArray()
                : ToClient(scope.DefaultNamespaceBytes);
        }

        inherited = scope.IndexOf(prefix);
        return inherited < 0 ? [] : ToClient(scope.NameAt(inherited).ToArray());
    }

    /// <summary>The element means something else by the prefix, so its root cannot have it.</summary>
    private bool DeclaresStreamOtherwise()
    {
        foreach (var (prefix, name, _) in _declared)
        {
            if ("stream"u8.SequenceEqual(prefix) && !name.AsSpan().SequenceEqual(XmppNamespaces.Streams))
            {
                return true;
            }
        }

        var outer = scope.IndexOf("stream"u8);
        return outer >= 0 && (inheritedPrefixes & (1UL << outer)) != 0 && !scope.NameAt(outer).SequenceEqual(XmppNamespaces.Streams);
    }

    /// <summary>BOSH-024: what stands in the wrapper's namespace belongs to jabber:client.</summary>
    private static byte[] ToClient(byte[] name) =>
        name.AsSpan().SequenceEqual(XmppNamespaces.HttpBind) ? XmppNamespaces.Client.ToArray() : name;
}
