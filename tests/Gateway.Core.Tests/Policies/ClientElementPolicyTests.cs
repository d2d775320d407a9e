using System.Text;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;

namespace Gateway.Core.Tests.Policies;

public sealed class ClientElementPolicyTests
{
    private const string Sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
    private const string Ask = "<iq type='get' id='r1'{0}><query xmlns='jabber:iq:register'/></iq>";
    private const string Password = "<iq type='set' id='p'><query xmlns='jabber:iq:register'><username>eve</username><password>x</password></query></iq>";
    private const string Remove = "<iq type='set' id='p'><query xmlns='jabber:iq:register'><remove/></query></iq>";
    private const string Make = "<iq type='set' id='p'><query xmlns='jabber:iq:register'><username>eve</username></query></iq>";

    private static ClientElementPolicy Policy(SecurityOptions? options = null, int mostFailures = 5) =>
        new(new DomainSecurity(options ?? new SecurityOptions(), isBackendExposed: false), "example.com", mostFailures);

    private static (ClientElementAction Action, string? Bytes, SessionEndReason? Reason) Judge(string element, bool isAuthenticated = false, SecurityOptions? options = null, ClientElementPolicy? policy = null)
    {
        var verdict = (policy ?? Policy(options)).Judge(Encoding.UTF8.GetBytes(element), isAuthenticated);
        return (verdict.Action, verdict.Bytes is null ? null : Encoding.UTF8.GetString(verdict.Bytes), verdict.Action == ClientElementAction.End ? verdict.Reason : null);
    }

    [Theory]
    [InlineData("<message><body>x</body></message>")]
    [InlineData("<presence/>")]
    [InlineData("<iq type='get'><query xmlns='jabber:iq:auth'/></iq>")]
    [InlineData("<iq type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")]
    [InlineData("<iq type='result'/>")]
    [InlineData("<message\nxmlns='jabber:client'/>")]
    [InlineData("<message xmlns=''/>")]
    [InlineData("<iq type='get' to='muc.example.com'><query xmlns='jabber:iq:register'/></iq>")]
    [InlineData("<iq type='result'><query xmlns='jabber:iq:register'/></iq>")]
    [Trait("Requirement", "EDGE-037")]
    public void Stanza_BeforeTheLogin_EndsTheSession(string stanza)
    {
        Judge(stanza).Reason.ShouldBe(SessionEndReason.NotAuthorized);
        Judge(stanza, isAuthenticated: true).Action.ShouldBe(ClientElementAction.Forward);
    }

    [Theory]
    [InlineData("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>")]
    [InlineData("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</response>")]
    [InlineData("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-1'/>")]
    [InlineData("<resume xmlns='urn:xmpp:sm:3' previd='x' h='1'/>")]
    [InlineData("<message xmlns='urn:future'/>")]
    [InlineData("<iqx xmlns='urn:future'/>")]
    [InlineData("<r xmlns='urn:xmpp:sm:3'/>")]
    [InlineData("<auth xmlns='urn:other' mechanism='EXTERNAL'/>")]
    [InlineData("<authenticate xmlns='urn:other' mechanism='EXTERNAL'/>")]
    [InlineData("<cancel xmlns='urn:other'/>")]
    [Trait("Requirement", "EDGE-037")]
    [Trait("Requirement", "XS-071")]
    public void OtherElement_IsRelayedAtAnyTime(string element)
    {
        Judge(element).Action.ShouldBe(ClientElementAction.Forward);
        Judge(element, isAuthenticated: true).Action.ShouldBe(ClientElementAction.Forward);
    }

    [Theory]
    [InlineData("<auth xmlns='" + Sasl + "' mechanism='EXTERNAL'>=</auth>")]
    [InlineData("<auth mechanism=\"&#69;XTERNAL\" xmlns='" + Sasl + "'/>")]
    [InlineData("<auth mechanism=' external ' xmlns='" + Sasl + "'/>")]
    [InlineData("<s:auth xmlns:s='" + Sasl + "' mechanism='EXTERNAL'/>")]
    [InlineData("<auth mechanism='EXTERNAL' xmlns='urn:ietf:params:xml:ns:xmpp-s&#97;sl'/>")]
    [Trait("Requirement", "EDGE-013")]
    [Trait("Requirement", "EDGE-017")]
    public void Login_ByARemovedMechanism_FailsHere(string auth) =>
        Judge(auth).ShouldBe((ClientElementAction.Fail, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>", null));

    [Fact]
    [Trait("Requirement", "EDGE-017")]
    public void Login_OfSasl2ByARemovedMechanism_FailsHere() =>
        Judge("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>x</initial-response></authenticate>", options: new SecurityOptions { DenyMechanisms = ["PLAIN"] })
            .ShouldBe((ClientElementAction.Fail, "<failure xmlns='urn:xmpp:sasl:2'><invalid-mechanism xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>", null));

    [Fact]
    [Trait("Requirement", "EDGE-023")]
    public void Registration_BeforeTheLogin_IsAnsweredHereAndTheThirdEndsTheSession()
    {
        var policy = Policy();
        Judge("<iq type='get' id='r1' to='example.com'><query xmlns='jabber:iq:register'><a>payload</a></query></iq>", policy: policy).ShouldBe((ClientElementAction.Answer,
            "<iq xmlns='jabber:client' type='error' id='r1' from='example.com'><error code='503' type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>", null));
        Judge("<iq type='set' id='&lt;'><query xmlns='jabber:iq:register'><username>eve</username><password>x</password></query></iq>", policy: policy).ShouldBe((ClientElementAction.Answer,
            "<iq xmlns='jabber:client' type='error' id='&lt;'><error code='405' type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>", null));
        Judge("<iq type='get'><query xmlns='jabber:iq:register'/></iq>", policy: policy).Reason.ShouldBe(SessionEndReason.RegistrationBlocked);
    }

    [Fact]
    [Trait("Requirement", "EDGE-021")]
    [Trait("Requirement", "EDGE-037")]
    public void Registration_Allowed_IsForwardedBeforeAndAfterTheLogin()
    {
        var options = new SecurityOptions { Registration = Permission.Allow };
        foreach (var request in new[] { Make, Password, Remove, "<iq type='get'><query xmlns='jabber:iq:register'/></iq>", "<register xmlns='urn:xmpp:register:0'/>" })
        {
            Judge(request, options: options).Action.ShouldBe(ClientElementAction.Forward);
            Judge(request, isAuthenticated: true, options: options).Action.ShouldBe(ClientElementAction.Forward);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" to=''")]
    [InlineData(" to='example.com'")]
    [InlineData(" to='EXAMPLE.com.'")]
    [InlineData(" to='ex&#97;mple.com'")]
    [InlineData(" to='\uff45xample.com'")]
    [InlineData(" to='example\u3002com'")]
    [InlineData(" to='example.com/registration@x'")]
    [InlineData(" to='eve@example.com'")]
    [Trait("Requirement", "EDGE-022")]
    public void Registration_AtTheDomainItself_IsTheGatewaysMatter(string to) =>
        Judge(Ask.Replace("{0}", to, StringComparison.Ordinal)).Action.ShouldBe(ClientElementAction.Answer);

    [Theory]
    [InlineData(" to='muc.example.com'")]
    [InlineData(" to='room@muc.example.com'")]
    [InlineData(" to='eve@example.com/phone'")]
    [InlineData(" to='example.com.evil.org'")]
    [InlineData(" to='xn--example.com'")]
    [InlineData(" to='b\u00fccher.example'")]
    [InlineData(" to='\u4f8b\u3048.jp'")]
    [InlineData(" to='10.0.0.1'")]
    [Trait("Requirement", "EDGE-025")]
    public void Registration_Elsewhere_IsNeverTouched(string to) =>
        Judge(Ask.Replace("{0}", to, StringComparison.Ordinal), isAuthenticated: true, options: new SecurityOptions { PasswordChange = Permission.Block }).Action.ShouldBe(ClientElementAction.Forward);

    [Theory]
    [InlineData(Make, true, true, true)]
    [InlineData(Password, true, true, false)]
    [InlineData(Password, false, true, true)]
    [InlineData(Remove, true, true, false)]
    [InlineData(Remove, true, false, true)]
    [InlineData("<iq type='get'><query xmlns='jabber:iq:register'/></iq>", true, true, false)]
    [InlineData("<iq type='get'><query xmlns='jabber:iq:register'/></iq>", false, true, true)]
    [InlineData("<iq type='get'><register xmlns='urn:xmpp:register:0'/></iq>", true, true, true)]
    [InlineData("<iq type='set'><preauth xmlns='urn:xmpp:pars:0' token='t'/></iq>", true, true, true)]
    [Trait("Requirement", "EDGE-024")]
    [Trait("Requirement", "EDGE-026")]
    public void Registration_AfterTheLogin_FollowsItsSwitches(string iq, bool mayChange, bool mayRemove, bool isBlocked)
    {
        var options = new SecurityOptions
        {
            PasswordChange = mayChange ? Permission.Allow : Permission.Block,
            AccountRemoval = mayRemove ? Permission.Allow : Permission.Block,
        };
        Judge(iq, isAuthenticated: true, options: options).Action.ShouldBe(isBlocked ? ClientElementAction.Replace : ClientElementAction.Forward);
    }

    [Theory]
    [InlineData("<iq type='set' id='1' to='example.com' from='a@example.com/x' xml:lang='de'><query xmlns='jabber:iq:register'><username>eve</username></query></iq>",
        "<iq type='set' id='1' to='example.com' from='a@example.com/x' xml:lang='de'><blocked xmlns='urn:x-gateway:blocked'/></iq>")]
    [InlineData("<iq xmlns='jabber:client' id='\"' type=\"set\"\n>\n<register xmlns='urn:xmpp:register:0'/>x</iq>",
        "<iq xmlns='jabber:client' id='\"' type=\"set\"\n><blocked xmlns='urn:x-gateway:blocked'/></iq>")]
    [Trait("Requirement", "EDGE-024")]
    public void Registration_BlockedAfterTheLogin_BecomesWhatTheBackendRefuses(string iq, string expected) =>
        Judge(iq, isAuthenticated: true).ShouldBe((ClientElementAction.Replace, expected, null));

    [Theory]
    [InlineData("register")]
    [InlineData("recovery")]
    [InlineData("challenge")]
    [InlineData("response")]
    [InlineData("cancel")]
    [Trait("Requirement", "EDGE-027")]
    public void Registration_OnTheStreamItself_EndsTheSession(string name)
    {
        Judge($"<{name} xmlns='urn:xmpp:register:0'/>").Reason.ShouldBe(SessionEndReason.UnsupportedStanzaType);
        Judge($"<r:{name} xmlns:r='urn:xmpp:register:0'/>").Reason.ShouldBe(SessionEndReason.UnsupportedStanzaType);
    }

    [Fact]
    [Trait("Requirement", "EDGE-038")]
    public void Failures_TheLastOneAllowedEndsTheSession()
    {
        var policy = Policy(mostFailures: 2);
        policy.CountFailure().ShouldBeFalse();
        policy.CountFailure().ShouldBeTrue();
        var unlimited = Policy(mostFailures: 0);
        Enumerable.Range(0, 100).Any(_ => unlimited.CountFailure()).ShouldBeFalse();
    }

    [Fact]
    public void Judge_EverydayStanzas_AllocatesNothing()
    {
        var policy = Policy();
        byte[][] stanzas =
        [
            "<message to='b@example.com' type='chat'><body>hi</body></message>"u8.ToArray(),
            "<presence><show>away</show></presence>"u8.ToArray(),
            "<iq type='get' id='1' to='example.com'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"u8.ToArray(),
            "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"u8.ToArray(),
            "<r xmlns='urn:xmpp:sm:3'/>"u8.ToArray(),
        ];
        foreach (var stanza in stanzas)
        {
            policy.Judge(stanza, isAuthenticated: true);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                policy.Judge(stanza, isAuthenticated: true);
            }

            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        }
    }
}
