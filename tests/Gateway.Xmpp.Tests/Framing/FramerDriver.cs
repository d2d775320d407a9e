using System.Globalization;
using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>A caller of the framer as its documentation asks for: drops <c>End</c> bytes of what came back and hands the rest in again.</summary>
internal static class FramerDriver
{
    /// <summary>Feeds the input in pieces; neighbouring white space counts as one, since its pieces follow the reads.</summary>
    public static FramedRun Run(FramerMode mode, FramingLimits limits, byte[] input, params ReadOnlySpan<int> cuts)
    {
        var framer = new XmppFramer(mode, limits);
        return Run(framer, input, cuts);
    }

    public static FramedRun Run(XmppFramer framer, byte[] input, params ReadOnlySpan<int> cuts)
    {
        var pieces = new List<FramedPiece>();
        var start = 0;
        for (var i = 0; i <= cuts.Length; i++)
        {
            var end = i < cuts.Length ? cuts[i] : input.Length;
            while (true)
            {
                // A copy of exactly these bytes: nothing remembered from an earlier call may be relied upon.
                var buffer = input[start..end];
                var element = framer.Read(buffer);
                if (element.Kind == StreamElementKind.None)
                {
                    break;
                }

                if (element.Kind == StreamElementKind.Error)
                {
                    return new FramedRun(pieces, framer.Error, input.Length - start, framer.Scope);
                }

                framer.Error.ShouldBe(FramingError.None);
                if (element.Kind == StreamElementKind.StreamClose && element.End == 0)
                {
                    // The close that an empty root owes has no bytes of its own; it comes without more input.
                    pieces.ShouldNotBeEmpty();
                    pieces[^1].Element.IsEmpty.ShouldBeTrue();
                }
                else
                {
                    element.Offset.ShouldBeInRange(0, element.End - 1);
                    element.End.ShouldBeInRange(1, buffer.Length);
                }

                Add(pieces, new FramedPiece(element, buffer[..element.End]));
                start += element.End;
            }
        }

        return new FramedRun(pieces, framer.Error, input.Length - start, framer.Scope);
    }

    /// <summary>Feeds the input byte by byte.</summary>
    public static FramedRun RunBytewise(FramerMode mode, FramingLimits limits, byte[] input) =>
        Run(mode, limits, input, [.. Enumerable.Range(1, Math.Max(0, input.Length - 1))]);

    private static void Add(List<FramedPiece> pieces, FramedPiece piece)
    {
        if (piece.Element.Kind == StreamElementKind.Whitespace && pieces.Count > 0 && pieces[^1].Element.Kind == StreamElementKind.Whitespace)
        {
            pieces[^1] = new FramedPiece(piece.Element, [.. pieces[^1].Bytes, .. piece.Bytes]);
        }
        else
        {
            pieces.Add(piece);
        }
    }
}

/// <summary>One piece and the bytes that were dropped for it.</summary>
internal sealed record FramedPiece(StreamElement Element, byte[] Bytes)
{
    /// <summary>The element alone.</summary>
    public string Text => Encoding.UTF8.GetString(Element.Slice(Bytes));

    /// <summary>Everything that a caller can see of it.</summary>
    public string Describe()
    {
        var bytes = Encoding.Latin1.GetString(Bytes);
        if (Element.Kind == StreamElementKind.Whitespace)
        {
            return $"Whitespace {bytes.Length}";
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Element.Kind} at {Element.Offset} tag {Element.TagLength} name {Element.NameLength} prefix {Element.PrefixLength} ns {Element.Namespace} inherits {Element.InheritedPrefixes:x} default {Element.InheritsDefault} rewrite {Element.NeedsRewrite} empty {Element.IsEmpty} [{bytes}]");
    }
}

/// <summary>What came of one input.</summary>
internal sealed record FramedRun(IReadOnlyList<FramedPiece> Pieces, FramingError Error, int Left, NamespaceScope Scope)
{
    /// <summary>Everything was taken and nothing is open or wrong.</summary>
    public bool IsClean => Error == FramingError.None && Left == 0;

    /// <summary>The elements' texts, without header, close and white space.</summary>
    public IEnumerable<string> Elements => Pieces.Where(p => p.Element.Kind == StreamElementKind.FirstLevelElement).Select(p => p.Text);

    /// <summary>The kinds in order.</summary>
    public IEnumerable<StreamElementKind> Kinds => Pieces.Select(p => p.Element.Kind);

    /// <summary>The only first-level element.</summary>
    public FramedPiece Single => Pieces.Single(p => p.Element.Kind == StreamElementKind.FirstLevelElement);

    /// <summary>The whole outcome as text, for comparing splits. Bytes left over count only when there is no error.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (var piece in Pieces)
        {
            text.AppendLine(piece.Describe());
        }

        for (var i = 0; i < Scope.Count; i++)
        {
            text.Append("scope ").Append(Encoding.UTF8.GetString(Scope.PrefixAt(i))).Append('=').AppendLine(Encoding.UTF8.GetString(Scope.NameAt(i)));
        }

        text.Append("scope default ").AppendLine(Encoding.UTF8.GetString(Scope.DefaultNamespace));
        return text.Append(Error == FramingError.None ? $"left {Left}" : $"error {Error}").ToString();
    }
}
