using System.Buffers;
using Gateway.Core.Sessions;
using Gateway.Xmpp;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.Core.Policies;

/// <summary>
/// What one client may say to its backend, and when: logins, registration, and no stanza before the login. Judged are the bytes
/// as they would stand on the backend's stream. No clock, no I/O.
/// </summary>
/// <param name="security">The domain's rules.</param>
/// <param name="domain">The session's domain.</param>
/// <param name="mostFailures">Failures of a login after which the session ends (EDGE-038); 0: never.</param>
public sealed class ClientElementPolicy(DomainSecurity security, string domain, int mostFailures)
{
    // EDGE-023
    private const int MostRefusedRegistrations = 3;

    // Other shapes of letters (letterlike, ligatures, full width, the mathematical ones' first half), which no registered name has
    // and which a backend may fold: a request to such a name counts as one to the domain.
    private static readonly SearchValues<char> OtherSpellings = SearchValues.Create(
        [.. Enumerable.Range(0x2100, 0x50).Concat(Enumerable.Range(0xFB00, 7)).Concat(Enumerable.Range(0xFF00, 0xF0)).Append(0xD835).Select(c => (char)c)]);

    private static readonly byte[] SaslFailure = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>"u8.ToArray();
    private static readonly byte[] Sasl2Failure =
        "<failure xmlns='urn:xmpp:sasl:2'><invalid-mechanism xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>"u8.ToArray();
    private static readonly byte[] CompressFailure = "<failure xmlns='http://jabber.org/protocol/compress'><setup-failed/></failure>"u8.ToArray();

    private int _refusedRegistrations;
    private int _failures;

    /// <summary>A login failed, whoever refused it; may be called from the way up and the way down at once.</summary>
    /// <returns>One too many: the session is to end.</returns>
    public bool CountFailure() => Interlocked.Increment(ref _failures) == mostFailures;

    /// <summary>Judges an element that the framer has checked and the rebaser has put on the backend's stream.</summary>
    /// <param name="element">Its bytes.</param>
    /// <param name="isAuthenticated">The backend has accepted the client (XS-047).</param>
    public ClientElementVerdict Judge(ReadOnlySpan<byte> element, bool isAuthenticated)
    {
        // Nearly all elements are stanzas of a client that is logged in, and few of those are iqs.
        if (IsNamed(element, "iq"u8))
        {
            return RegistrationRequest.TryRead(element, out var request) && IsForDomain(request.To)
                ? JudgeRegistration(element, request, isAuthenticated)
                : JudgeStanza(element, isAuthenticated);
        }

        return IsNamed(element, "message"u8) || IsNamed(element, "presence"u8)
            ? JudgeStanza(element, isAuthenticated)
            : JudgeStreamLevel(element);
    }

    private static bool IsNamed(ReadOnlySpan<byte> element, ReadOnlySpan<byte> name) =>
        element[1..].StartsWith(name) && element[1 + name.Length] is (byte)' ' or (byte)'>' or (byte)'/' or (byte)'\t' or (byte)'\n' or (byte)'\r';

    private static ClientElementVerdict JudgeStanza(ReadOnlySpan<byte> element, bool isAuthenticated) =>
        isAuthenticated || IsForeign(element) ? default : ClientElementVerdict.End(SessionEndReason.NotAuthorized); // EDGE-037

    /// <summary>It is named as a stanza is, in a namespace that has none: the backend judges it.</summary>
    private static bool IsForeign(ReadOnlySpan<byte> element) =>
        StartTag.TryGet(element, "xmlns"u8, out var name) && !name.IsEmpty && !StartTag.IsIn(XmppNamespaces.Client, element);

    private ClientElementVerdict JudgeRegistration(ReadOnlySpan<byte> element, in RegistrationRequest request, bool isAuthenticated)
    {
        var options = security.Options;
        if (isAuthenticated)
        {
            // EDGE-026: what belongs to one's own account has switches of its own.
            var blocked = (options.Registration == Permission.Block ? RegistrationActions.Register : RegistrationActions.None)
                | (options.PasswordChange == Permission.Block ? RegistrationActions.ChangePassword | RegistrationActions.Ask : RegistrationActions.None)
                | (options.AccountRemoval == Permission.Block ? RegistrationActions.RemoveAccount : RegistrationActions.None);
            return (request.Actions & blocked) == RegistrationActions.None ? default : new ClientElementVerdict(ClientElementAction.Replace, WithoutRequest(element));
        }

        if (options.Registration == Permission.Allow)
        {
            return default;
        }

        return ++_refusedRegistrations == MostRefusedRegistrations
            ? ClientElementVerdict.End(SessionEndReason.RegistrationBlocked)
            : new ClientElementVerdict(ClientElementAction.Answer, Refusal(request));
    }

    /// <summary>EDGE-024: the backend answers what it does not know, so that all counters of stanzas stay right (XS-057).</summary>
    private static byte[] WithoutRequest(ReadOnlySpan<byte> iq)
    {
        var reader = new XmlTokenReader(iq);
        reader.Read();
        using var output = new PooledByteWriter();
        output.Write(reader.Token);
        output.Write("<blocked xmlns='urn:x-gateway:blocked'/></"u8);
        output.Write(new StartTag(iq).Name);
        output.Write(">"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>EDGE-023.</summary>
    private byte[] Refusal(in RegistrationRequest request)
    {
        using var output = new PooledByteWriter();
        output.Write("<iq xmlns='jabber:client' type='error'"u8);
        XmlText.WriteAttribute(output, " id='"u8, request.Id);
        XmlText.WriteAttribute(output, " from='"u8, request.To is null ? null : domain);
        output.Write(request.IsSet
            ? "><error code='405' type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"u8
            : "><error code='503' type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"u8);
        return output.WrittenSpan.ToArray();
    }

    private ClientElementVerdict JudgeStreamLevel(ReadOnlySpan<byte> element)
    {
        var tag = new StartTag(element);
        var name = tag.LocalName;
        if (name.Length < "auth"u8.Length)
        {
            return default; // r and a of stream management come often
        }

        if (name.SequenceEqual("auth"u8))
        {
            return StartTag.IsIn(XmppNamespaces.Sasl, element) ? JudgeLogin(element, SaslFailure) : default;
        }

        if (name.SequenceEqual("authenticate"u8))
        {
            return StartTag.IsIn(XmppNamespaces.Sasl2, element) ? JudgeLogin(element, Sasl2Failure) : default;
        }

        if (name.SequenceEqual("compress"u8) && StartTag.IsIn(XmppNamespaces.Compress, element))
        {
            return new ClientElementVerdict(ClientElementAction.Answer, CompressFailure); // BOSH-113
        }

        // EDGE-027
        var isRegistration = name.SequenceEqual("register"u8) || name.SequenceEqual("recovery"u8) || name.SequenceEqual("challenge"u8)
            || name.SequenceEqual("response"u8) || name.SequenceEqual("cancel"u8);
        return isRegistration && security.Options.Registration == Permission.Block && StartTag.IsIn(XmppNamespaces.ExtensibleRegister, element)
            ? ClientElementVerdict.End(SessionEndReason.UnsupportedStanzaType)
            : default;
    }

    /// <summary>EDGE-017: a mechanism that is not offered is refused as the backend would refuse it.</summary>
    private ClientElementVerdict JudgeLogin(ReadOnlySpan<byte> element, byte[] failure)
    {
        var mechanism = StartTag.TryGet(element, "mechanism"u8, out var raw) ? XmlText.AttributeValue(raw).Trim() : "";
        if (security.Allows(mechanism))
        {
            return default;
        }

        return new ClientElementVerdict(ClientElementAction.Fail, failure);
    }

    /// <summary>EDGE-022, EDGE-025: to the server itself, by none of its names, by its domain or in the name of an account.</summary>
    private bool IsForDomain(string? to)
    {
        if (string.IsNullOrEmpty(to))
        {
            return true;
        }

        var slash = to.IndexOf('/', StringComparison.Ordinal);
        var bare = slash < 0 ? to : to[..slash];
        var at = bare.IndexOf('@', StringComparison.Ordinal);
        var asked = bare[(at + 1)..];
        return (at < 0 || slash < 0)
            && (DomainName.TryPrepare(asked, out var name)
                ? DomainName.TryPrepare(domain, out var own) && (name.Ascii == own.Ascii || asked.AsSpan().ContainsAny(OtherSpellings))
                : !System.Text.Ascii.IsValid(asked));
    }
}
