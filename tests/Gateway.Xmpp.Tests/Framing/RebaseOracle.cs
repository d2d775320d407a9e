using System.Text;
using System.Xml;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Tests.Framing;

/// <summary>What must hold of an element that was lifted out of its stream.</summary>
internal static class RebaseOracle
{
    /// <summary>It means what it meant inside, and is written as clients and servers ask for.</summary>
    public static void CheckMeaning(FramedPiece piece, Infoset expected, NamespaceScope scope, RebaseTarget target)
    {
        var written = Write(piece, scope, target);
        var message = $"to {target}: {written}";
        Infoset result;
        try
        {
            result = target switch
            {
                RebaseTarget.Message => Infoset.Root(written),
                RebaseTarget.BoshBody => Infoset.Children($"<body xmlns='{Infoset.HttpBind}' xmlns:stream='{Infoset.Streams}'>{written}</body>").Single(),
                _ => Infoset.Children($"<stream:stream xmlns='{Infoset.Client}' xmlns:stream='{Infoset.Streams}'>{written}</stream:stream>").Single(),
            };
        }
        catch (XmlException exception)
        {
            throw new ShouldAssertException($"{message}\n{exception.Message}", exception);
        }

        // WS-028: towards a stream, what is in no namespace because nothing declares one is taken for jabber:client.
        if (target != RebaseTarget.Stream || !expected.Inherited.Contains("") || scope.DefaultNamespace.Length > 0)
        {
            result.Text.ShouldBe(expected.Text, message);
        }

        result.Elements.Any(e => e.Name == Infoset.Client && e.Prefix.Length > 0).ShouldBeFalse(message);
        result.Elements.Any(e => e.Name == Infoset.HttpBind).ShouldBeFalse(message);
        result.Inherited.ExceptWith(["stream", ""]);
        result.Inherited.ShouldBeEmpty(message);
        if (result.Elements[0].Name == Infoset.Streams && !MeansOtherwise(expected, scope))
        {
            result.Elements[0].Prefix.ShouldBe("stream", message);
        }
    }

    /// <summary>The element uses the prefix stream for something else, so that its root cannot have it.</summary>
    private static bool MeansOtherwise(Infoset expected, NamespaceScope scope) =>
        expected.Declarations.Any(d => d.Prefix == "stream" && d.Name != Infoset.Streams)
        || (expected.Inherited.Contains("stream") && Name(scope, "stream") != Infoset.Streams);

    public static string Name(NamespaceScope scope, string prefix) =>
        Encoding.UTF8.GetString(prefix.Length == 0 ? scope.DefaultNamespace : scope.NameAt(scope.IndexOf(Encoding.UTF8.GetBytes(prefix))));

    public static string Write(FramedPiece piece, NamespaceScope scope, RebaseTarget target)
    {
        using var writer = new PooledByteWriter();
        NamespaceRebaser.Write(writer, piece.Bytes, piece.Element, scope, target);
        return Encoding.UTF8.GetString(writer.WrittenSpan);
    }
}
