using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Streams;

/// <summary>
/// The two answers of XEP-0198 that the gateway looks at on their way to the client: <c>enabled</c> and <c>resumed</c>, alone
/// or inside a SASL2 <c>success</c>. The counters are not its own (XS-055).
/// </summary>
public static class StreamManagement
{
    /// <summary>The element grants resumption: <c>enabled</c> with resume and id, or <c>resumed</c> (XS-058).</summary>
    /// <param name="element">What the framer found.</param>
    /// <param name="buffer">The buffer that was framed.</param>
    /// <param name="scope">The scope it stands in.</param>
    public static bool GrantsResumption(in StreamElement element, ReadOnlySpan<byte> buffer, NamespaceScope scope)
    {
        if (!MayAnswer(element, buffer))
        {
            return false;
        }

        var answers = new Answers(element.Slice(buffer), scope);
        while (answers.MoveNext())
        {
            if (!answers.IsEnabled
                || (StartTag.TryGet(answers.Tag, "resume"u8, out var resume) && (resume.SequenceEqual("true"u8) || resume.SequenceEqual("1"u8))
                    && StartTag.TryGet(answers.Tag, "id"u8, out _)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Writes an element as <see cref="NamespaceRebaser.Write"/> does, and any <c>enabled</c> without its <c>location</c>
    /// (XS-059): it names a TCP address of the backend that a web client cannot use.
    /// </summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="buffer">The buffer that was framed.</param>
    /// <param name="element">What the framer said of it; any element of the backend.</param>
    /// <param name="scope">The scope it stood in.</param>
    /// <param name="target">Where it will stand.</param>
    public static void Write(PooledByteWriter output, ReadOnlySpan<byte> buffer, in StreamElement element, NamespaceScope scope, RebaseTarget target)
    {
        if (!MayAnswer(element, buffer) || element.Slice(buffer).IndexOf("location"u8) < 0)
        {
            NamespaceRebaser.Write(output, buffer, element, scope, target);
            return;
        }

        using var rebased = new PooledByteWriter();
        NamespaceRebaser.Write(rebased, buffer, element, scope, target);
        var bytes = rebased.WrittenSpan;
        var answers = new Answers(bytes, NamespaceScope.Empty); // what it inherited it declares itself now
        var written = 0;
        while (answers.MoveNext())
        {
            if (answers.IsEnabled && StartTag.TryLocate(answers.Tag, "location"u8, out var start, out var end))
            {
                output.Write(bytes[written..(answers.Offset + start)]);
                written = answers.Offset + end;
            }
        }

        output.Write(bytes[written..]);
    }

    private static bool MayAnswer(in StreamElement element, ReadOnlySpan<byte> buffer) =>
        element.Namespace == KnownNamespace.StreamManagement
        || (element.Namespace == KnownNamespace.Sasl2 && element.LocalName(buffer).SequenceEqual("success"u8));

    /// <summary>
    /// Walks over the start tags of <c>enabled</c> and <c>resumed</c>: the root, or in a SASL2 success <c>resumed</c> and the
    /// <c>enabled</c> of a <c>bound</c>, whose namespace does not matter (XS-058).
    /// </summary>
    private ref struct Answers
    {
        private readonly ReadOnlySpan<byte> _root;
        private readonly NamespaceScope _scope;
        private readonly bool _isSuccess;
        private XmlTokenReader _reader;
        private ReadOnlySpan<byte> _parent;

        public Answers(ReadOnlySpan<byte> element, NamespaceScope scope)
        {
            _scope = scope;
            _reader = new XmlTokenReader(element);
            _root = _parent = element;
            _isSuccess = new StartTag(element).LocalName.SequenceEqual("success"u8);
        }

        public readonly ReadOnlySpan<byte> Tag => _reader.Token;

        public readonly int Offset => _reader.Offset;

        public bool IsEnabled { get; private set; }

        public bool MoveNext()
        {
            while (_reader.Read())
            {
                if (_reader.Kind != XmlTokenKind.StartTag)
                {
                    continue;
                }

                var name = new StartTag(Tag).LocalName;
                IsEnabled = name.SequenceEqual("enabled"u8);
                var isResumed = name.SequenceEqual("resumed"u8);
                if (_reader.Depth switch
                {
                    0 => !_isSuccess && (IsEnabled || isResumed),
                    1 => _isSuccess && isResumed && IsManagement(),
                    2 => _isSuccess && IsEnabled && new StartTag(_parent).LocalName.SequenceEqual("bound"u8) && IsManagement(),
                    _ => false,
                })
                {
                    return true;
                }

                _parent = _reader.Depth == 1 ? Tag : _parent;
            }

            return false;
        }

        private readonly bool IsManagement()
        {
            var prefix = new StartTag(Tag).Prefix;
            if (StartTag.TryFindNamespace(Tag, prefix, out var name)
                || (_reader.Depth == 2 && StartTag.TryFindNamespace(_parent, prefix, out name))
                || StartTag.TryFindNamespace(_root, prefix, out name))
            {
                return KnownNamespaces.Find(name) == KnownNamespace.StreamManagement;
            }

            return _scope.IndexOf(prefix) is var index and >= 0 && KnownNamespaces.Find(_scope.NameAt(index)) == KnownNamespace.StreamManagement;
        }
    }
}
