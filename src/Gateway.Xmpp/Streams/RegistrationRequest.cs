using Gateway.Xmpp.Framing;

namespace Gateway.Xmpp.Streams;

/// <summary>What a registration request would do; more than one thing if it says more than one.</summary>
[Flags]
public enum RegistrationActions : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Asks for the fields (XEP-0077 §3.1), which are those of a change once the client is logged in.</summary>
    Ask = 1,

    /// <summary>Makes an account or gets one back.</summary>
    Register = 2,

    /// <summary>Changes the password (XEP-0077 §3.3).</summary>
    ChangePassword = 4,

    /// <summary>Removes the account (XEP-0077 §3.2).</summary>
    RemoveAccount = 8,
}

/// <summary>An iq by which a client registers, or changes or ends its registration (EDGE-022). To whom is not judged here.</summary>
/// <param name="To">Its <c>to</c>; null if it has none.</param>
/// <param name="Id">Its <c>id</c>; null if it has none.</param>
/// <param name="IsSet">It is of type <c>set</c>; otherwise of type <c>get</c>.</param>
/// <param name="Actions">What it would do.</param>
public readonly record struct RegistrationRequest(string? To, string? Id, bool IsSet, RegistrationActions Actions)
{
    /// <summary>Recognises a request. Every iq of every client comes by here, so what is none is told by its first child's name.</summary>
    /// <param name="iq">A checked iq as it stands on the stream to the backend.</param>
    /// <param name="request">What it says.</param>
    public static bool TryRead(ReadOnlySpan<byte> iq, out RegistrationRequest request)
    {
        request = default;
        var reader = new XmlTokenReader(iq);
        reader.Read();
        var root = reader.Token;
        if (reader.IsEmpty)
        {
            return false;
        }

        do
        {
            if (!reader.Read() || reader.Kind == XmlTokenKind.EndTag)
            {
                return false;
            }
        }
        while (reader.Kind != XmlTokenKind.StartTag);

        var child = reader.Token;
        var name = new StartTag(child).LocalName;
        var isQuery = name.SequenceEqual("query"u8);
        if (isQuery ? !StartTag.IsIn(XmppNamespaces.Register, child, root)
            : name.SequenceEqual("preauth"u8) ? !StartTag.IsIn(XmppNamespaces.PreAuthenticatedRegister, child, root)
            : !(name.SequenceEqual("register"u8) || name.SequenceEqual("recovery"u8)) || !StartTag.IsIn(XmppNamespaces.ExtensibleRegister, child, root))
        {
            return false;
        }

        var isSet = HasValue(root, "type"u8, "set"u8);
        if (!isSet && !HasValue(root, "type"u8, "get"u8))
        {
            return false;
        }

        request = new RegistrationRequest(
            Value(root, "to"u8), Value(root, "id"u8), isSet,
            !isQuery ? RegistrationActions.Register : isSet ? ActionsOf(ref reader, child, root) : RegistrationActions.Ask);
        return true;
    }

    /// <summary>What a <c>query</c> of type <c>set</c> would do; all that it says counts.</summary>
    private static RegistrationActions ActionsOf(ref XmlTokenReader reader, ReadOnlySpan<byte> query, ReadOnlySpan<byte> root)
    {
        var actions = RegistrationActions.None;
        var (hasName, hasPassword) = (false, false);
        while (!(reader.IsEmpty && reader.Depth == 1) && reader.Read() && reader.Depth > 1)
        {
            if (reader.Kind != XmlTokenKind.StartTag)
            {
                continue;
            }

            var tag = reader.Token;
            var name = new StartTag(tag).LocalName;
            if (name.SequenceEqual("x"u8) && StartTag.IsIn(XmppNamespaces.DataForms, tag, query, root))
            {
                actions |= ActionsOfForm(ref reader);
                continue;
            }

            var isField = StartTag.IsIn(XmppNamespaces.Register, tag, query, root);
            actions |= isField && name.SequenceEqual("remove"u8) ? RegistrationActions.RemoveAccount : RegistrationActions.None;
            hasName |= isField && name.SequenceEqual("username"u8);
            hasPassword |= isField && name.SequenceEqual("password"u8);
            reader.Skip();
        }

        actions |= hasName && hasPassword ? RegistrationActions.ChangePassword : RegistrationActions.None;
        return actions == RegistrationActions.None ? RegistrationActions.Register : actions;
    }

    /// <summary>By the form's FORM_TYPE (XEP-0077 §7, XEP-0068); goes to the form's end.</summary>
    private static RegistrationActions ActionsOfForm(ref XmlTokenReader reader)
    {
        var actions = RegistrationActions.None;
        var depth = reader.Depth;
        var (isType, isValue) = (false, false);
        while (!(reader.IsEmpty && reader.Depth == depth) && reader.Read() && !(reader.Kind == XmlTokenKind.EndTag && reader.Depth == depth))
        {
            if (reader.Kind == XmlTokenKind.StartTag)
            {
                var name = new StartTag(reader.Token).LocalName;
                isType = reader.Depth == depth + 1 ? name.SequenceEqual("field"u8) && HasValue(reader.Token, "var"u8, "FORM_TYPE"u8) : isType;
                isValue = isType && !reader.IsEmpty && reader.Depth == depth + 2 && name.SequenceEqual("value"u8);
            }
            else if (reader.Kind == XmlTokenKind.EndTag)
            {
                isValue = false;
            }
            else if (isValue)
            {
                actions |= XmlText.TextValue(reader.Token).Trim() switch
                {
                    "jabber:iq:register:changepassword" => RegistrationActions.ChangePassword,
                    "jabber:iq:register:cancel" => RegistrationActions.RemoveAccount,
                    _ => RegistrationActions.Register,
                };
            }
        }

        return actions == RegistrationActions.None ? RegistrationActions.Register : actions;
    }

    private static bool HasValue(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> expected) =>
        StartTag.TryGet(tag, attribute, out var raw) && Means(raw, expected);

    /// <summary>An attribute's value, however it is spelt.</summary>
    private static bool Means(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> expected) =>
        raw.Contains((byte)'&') ? XmlText.AttributeValue(raw) == System.Text.Encoding.UTF8.GetString(expected) : raw.SequenceEqual(expected);

    private static string? Value(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> attribute) =>
        StartTag.TryGet(tag, attribute, out var raw) ? XmlText.AttributeValue(raw) : null;
}
