using System.Text;

namespace Gateway.Xmpp.Framing;

/// <summary>Open elements, attributes and declarations: what a tag means once its '&gt;' is here (Namespaces in XML 1.0).</summary>
public sealed partial class XmppFramer
{
    private OpenElement[] _open = [];
    private TagPart[] _attributes = [];
    private Binding[] _bindings = [];
    private int _depth;
    private int _attributeCount;
    private int _bindingCount;

    private void PushElement(int end)
    {
        if (_depth == _open.Length)
        {
            Array.Resize(ref _open, Math.Max(4, _depth * 2));
        }

        _open[_depth++] = new OpenElement(_mark, (ushort)(end - _mark), (ushort)(_colon < 0 ? 0 : _colon - _mark), _bindingCount);
        _attributeCount = 0;
    }

    private void PushAttribute(int end)
    {
        if (_attributeCount == _attributes.Length)
        {
            Array.Resize(ref _attributes, Math.Max(8, _attributeCount * 2));
        }

        _attributes[_attributeCount++] = new TagPart(_mark, (ushort)(end - _mark), (ushort)(_colon < 0 ? 0 : _colon - _mark));
    }

    private void CloseAttribute(int end)
    {
        ref var attribute = ref _attributes[_attributeCount - 1];
        attribute.ValueOffset = _mark;
        attribute.ValueLength = end - _mark;
        _spaceSeen = false;
    }

    private ReadOnlySpan<byte> OpenName(ReadOnlySpan<byte> input)
    {
        if (_depth == 0)
        {
            return _rootName;
        }

        ref readonly var open = ref _open[_depth - 1];
        return input.Slice(open.Offset, open.Length);
    }

    /// <summary>Ends the innermost open element, or the root. True when that completes the pending element.</summary>
    private bool CloseElement(int position)
    {
        if (_depth == 0)
        {
            _element = new StreamElement { Kind = StreamElementKind.StreamClose, End = position };
            return true;
        }

        _bindingCount = _open[--_depth].Bindings;
        if (_depth > 0)
        {
            return false;
        }

        _element = _element with { Kind = StreamElementKind.FirstLevelElement, End = position };
        return true;
    }

    /// <summary>Judges a start tag whose '&gt;' was read, and notes what the root of an element is.</summary>
    private bool CloseStartTag(ReadOnlySpan<byte> input, int position, bool isEmpty)
    {
        ref readonly var open = ref _open[_depth - 1];
        var attributes = _attributes.AsSpan(0, _attributeCount);
        if (attributes.Length > 0 && !(Declare(input, attributes) && CheckUnique(input, attributes)))
        {
            return false;
        }

        var known = Resolve(input, open.Offset, open.PrefixLength, isElement: true);
        foreach (ref readonly var attribute in attributes)
        {
            if (attribute.PrefixLength > 0 && Error == FramingError.None)
            {
                Resolve(input, attribute.NameOffset, attribute.PrefixLength, isElement: false);
            }
        }

        if (Error != FramingError.None)
        {
            return false;
        }

        if (_depth > 1)
        {
            return true;
        }

        _element = _element with
        {
            TagLength = position - _element.Offset,
            NameLength = open.Length,
            PrefixLength = open.PrefixLength,
            Namespace = known,
            IsEmpty = isEmpty,
        };
        if (Mode == FramerMode.Stream && _place == Place.BeforeRoot)
        {
            _rootName = input.Slice(open.Offset, open.Length).ToArray();
            Scope = MakeScope(input);
            _element = _element with { Kind = StreamElementKind.StreamHeader, End = position, InheritsDefault = false };
        }

        return true;
    }

    private bool Declare(ReadOnlySpan<byte> input, ReadOnlySpan<TagPart> attributes)
    {
        var count = 0;
        foreach (ref readonly var attribute in attributes)
        {
            // "xmlns" is five bytes, either the whole name or the prefix.
            var isDefault = attribute.NameLength == 5 && attribute.PrefixLength == 0;
            if ((!isDefault && attribute.PrefixLength != 5) || !input.Slice(attribute.NameOffset, 5).SequenceEqual("xmlns"u8))
            {
                continue;
            }

            if (++count > FramingLimits.MaxDeclarations || _bindingCount >= FramingLimits.MaxDeclarationsInScope)
            {
                return Fail(FramingError.TooManyParts);
            }

            var prefix = isDefault ? default : input.Slice(attribute.NameOffset + 6, attribute.NameLength - 6);
            var name = Value(input, attribute.ValueOffset, attribute.ValueLength);
            if (!MayDeclare(prefix, name))
            {
                return Fail(FramingError.NotWellFormed);
            }

            if (_bindingCount == _bindings.Length)
            {
                Array.Resize(ref _bindings, Math.Max(4, _bindingCount * 2));
            }

            var known = KnownNamespaces.Find(name);
            _bindings[_bindingCount++] = new Binding(attribute.NameOffset + 6, (ushort)prefix.Length, known, attribute.ValueOffset, attribute.ValueLength);
            if (NeedsRewrite(prefix, known))
            {
                _element = _element with { NeedsRewrite = true };
            }
        }

        return true;
    }

    private static bool MayDeclare(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name)
    {
        // Namespaces in XML 1.0 §3: the two reserved prefixes and names belong to each other, and a prefix cannot be undeclared.
        var isXml = name.SequenceEqual(XmppNamespaces.Xml);
        if (prefix.SequenceEqual("xml"u8))
        {
            return isXml;
        }

        return !isXml
            && !name.SequenceEqual(XmppNamespaces.Xmlns)
            && !prefix.SequenceEqual("xmlns"u8)
            && (prefix.IsEmpty || !name.IsEmpty);
    }

    private static bool NeedsRewrite(ReadOnlySpan<byte> prefix, KnownNamespace known) => known switch
    {
        KnownNamespace.HttpBind => true,
        KnownNamespace.Client => !prefix.IsEmpty,
        KnownNamespace.Streams => !prefix.SequenceEqual("stream"u8),
        _ => false,
    };

    private bool CheckUnique(ReadOnlySpan<byte> input, ReadOnlySpan<TagPart> attributes)
    {
        for (var i = 1; i < attributes.Length; i++)
        {
            ref readonly var one = ref attributes[i];
            var name = input.Slice(one.NameOffset, one.NameLength);
            for (var j = 0; j < i; j++)
            {
                ref readonly var other = ref attributes[j];
                if (one.NameLength == other.NameLength && name.SequenceEqual(input.Slice(other.NameOffset, other.NameLength)))
                {
                    return Fail(FramingError.NotWellFormed);
                }

                // Namespaces in XML 1.0 §6.3: two prefixes may stand for one name.
                if (one.PrefixLength > 0 && other.PrefixLength > 0
                    && name[one.PrefixLength..].SequenceEqual(input.Slice(other.NameOffset + other.PrefixLength, other.NameLength - other.PrefixLength))
                    && TryFindName(input, one.NameOffset, one.PrefixLength, out var first)
                    && TryFindName(input, other.NameOffset, other.PrefixLength, out var second)
                    && first.SequenceEqual(second))
                {
                    return Fail(FramingError.NotWellFormed);
                }
            }
        }

        return true;
    }

    /// <summary>Finds the namespace of a name and notes what it takes from outside the element.</summary>
    private KnownNamespace Resolve(ReadOnlySpan<byte> input, int nameOffset, int prefixLength, bool isElement)
    {
        var prefix = input.Slice(nameOffset, prefixLength);
        for (var i = _bindingCount - 1; i >= 0; i--)
        {
            ref readonly var binding = ref _bindings[i];
            if (binding.PrefixLength == prefixLength && prefix.SequenceEqual(input.Slice(binding.PrefixOffset, prefixLength)))
            {
                return binding.Known;
            }
        }

        if (prefixLength == 0)
        {
            if (!_element.InheritsDefault)
            {
                _element = _element with { InheritsDefault = true };
            }

            return Scope.DefaultKnown;
        }

        if (prefix.SequenceEqual("xml"u8))
        {
            return KnownNamespace.Other;
        }

        if (prefix.SequenceEqual("xmlns"u8) && !isElement)
        {
            return KnownNamespace.Other;
        }

        var inherited = Scope.IndexOf(prefix);
        if (inherited < 0)
        {
            Fail(FramingError.NotWellFormed);
            return KnownNamespace.Other;
        }

        _element = _element with { InheritedPrefixes = _element.InheritedPrefixes | (1UL << inherited) };
        return KnownNamespaces.Find(Scope.NameAt(inherited));
    }

    private bool TryFindName(ReadOnlySpan<byte> input, int nameOffset, int prefixLength, out ReadOnlySpan<byte> name)
    {
        var prefix = input.Slice(nameOffset, prefixLength);
        for (var i = _bindingCount - 1; i >= 0; i--)
        {
            ref readonly var binding = ref _bindings[i];
            if (binding.PrefixLength == prefixLength && prefix.SequenceEqual(input.Slice(binding.PrefixOffset, prefixLength)))
            {
                name = Value(input, binding.ValueOffset, binding.ValueLength);
                return true;
            }
        }

        var inherited = Scope.IndexOf(prefix);
        name = inherited < 0 ? default : Scope.NameAt(inherited);
        return inherited >= 0;
    }

    private NamespaceScope MakeScope(ReadOnlySpan<byte> input)
    {
        var prefixes = new List<(byte[] Prefix, byte[] Name)>(_bindingCount);
        byte[] defaultNamespace = [];
        foreach (ref readonly var binding in _bindings.AsSpan(0, _bindingCount))
        {
            var name = Value(input, binding.ValueOffset, binding.ValueLength).ToArray();
            if (binding.PrefixLength == 0)
            {
                defaultNamespace = name;
            }
            else
            {
                prefixes.Add((input.Slice(binding.PrefixOffset, binding.PrefixLength).ToArray(), name));
            }
        }

        return new NamespaceScope([.. prefixes], defaultNamespace);
    }

    /// <summary>A namespace name: nearly always as it stands, rarely with references in it.</summary>
    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> input, int offset, int length)
    {
        var raw = input.Slice(offset, length);
        return raw.IndexOfAny("&\t\n\r"u8) < 0 ? raw : Encoding.UTF8.GetBytes(XmlText.AttributeValue(raw));
    }

    private readonly record struct OpenElement(int Offset, ushort Length, ushort PrefixLength, int Bindings);

    private record struct TagPart(int NameOffset, ushort NameLength, ushort PrefixLength)
    {
        public int ValueOffset;
        public int ValueLength;
    }

    private readonly record struct Binding(int PrefixOffset, ushort PrefixLength, KnownNamespace Known, int ValueOffset, int ValueLength);
}
