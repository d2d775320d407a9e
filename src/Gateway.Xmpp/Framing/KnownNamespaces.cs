namespace Gateway.Xmpp.Framing;

/// <summary>From a namespace name to <see cref="KnownNamespace"/>.</summary>
public static class KnownNamespaces
{
    /// <summary>Finds the known namespace of a name, references already resolved; <see cref="KnownNamespace.None"/> for an empty one.</summary>
    public static KnownNamespace Find(ReadOnlySpan<byte> name)
    {
        // The lengths tell nearly all of them apart, so one comparison decides.
        return name.Length switch
        {
            0 => KnownNamespace.None,
            13 when name.SequenceEqual(XmppNamespaces.Client) => KnownNamespace.Client,
            13 when name.SequenceEqual(XmppNamespaces.Server) => KnownNamespace.Server,
            13 when name.SequenceEqual(XmppNamespaces.StreamManagement) || name.SequenceEqual("urn:xmpp:sm:2"u8) => KnownNamespace.StreamManagement,
            15 when name.SequenceEqual(XmppNamespaces.Sasl2) => KnownNamespace.Sasl2,
            31 when name.SequenceEqual(XmppNamespaces.Tls) => KnownNamespace.Tls,
            32 when name.SequenceEqual(XmppNamespaces.Streams) => KnownNamespace.Streams,
            32 when name.SequenceEqual(XmppNamespaces.Sasl) => KnownNamespace.Sasl,
            35 when name.SequenceEqual(XmppNamespaces.Framing) => KnownNamespace.Framing,
            35 when name.SequenceEqual(XmppNamespaces.HttpBind) => KnownNamespace.HttpBind,
            _ => KnownNamespace.Other,
        };
    }
}
