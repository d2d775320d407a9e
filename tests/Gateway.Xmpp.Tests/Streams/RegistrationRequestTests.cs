using System.Text;
using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.Tests.Streams;

public sealed class RegistrationRequestTests
{
    [Theory]
    [InlineData("<iq type='get'><query xmlns='jabber:iq:register'/></iq>", RegistrationActions.Ask)]
    [InlineData("<iq type='get'>\n <query xmlns=\"jabber:iq:register\"></query></iq>", RegistrationActions.Ask)]
    [InlineData("<iq type='get'><![CDATA[ ]]><query xmlns='jabber:iq:re&#103;ister'/></iq>", RegistrationActions.Ask)]
    [InlineData("<iq type='g&#101;t'><r:query xmlns:r='jabber:iq:register'/></iq>", RegistrationActions.Ask)]
    [InlineData("<iq xmlns:r='jabber:iq:register' type='get'><r:query/></iq>", RegistrationActions.Ask)]
    [InlineData("<iq type='get'><register xmlns='urn:xmpp:register:0'/></iq>", RegistrationActions.Register)]
    [InlineData("<iq type='set'><recovery xmlns='urn:xmpp:register:0'/></iq>", RegistrationActions.Register)]
    [InlineData("<iq type='set'><preauth xmlns='urn:xmpp:pars:0' token='t'/></iq>", RegistrationActions.Register)]
    [InlineData("<iq type='set'><query xmlns='jabber:iq:register'/></iq>", RegistrationActions.Register)]
    [InlineData("<iq type='set'><query xmlns='jabber:iq:register'><username>eve</username></query></iq>", RegistrationActions.Register)]
    [Trait("Requirement", "EDGE-022")]
    public void Request_IsRecognisedHoweverItIsWritten(string iq, RegistrationActions expected)
    {
        RegistrationRequest.TryRead(Encoding.UTF8.GetBytes(iq), out var request).ShouldBeTrue();
        request.Actions.ShouldBe(expected);
    }

    [Theory]
    [InlineData("<iq type='result'><query xmlns='jabber:iq:register'/></iq>")]
    [InlineData("<iq type='error'><query xmlns='jabber:iq:register'/><error/></iq>")]
    [InlineData("<iq><query xmlns='jabber:iq:register'/></iq>")]
    [InlineData("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>")]
    [InlineData("<iq type='get'><x xmlns='jabber:iq:register'/></iq>")]
    [InlineData("<iq type='get'><query/></iq>")]
    [InlineData("<iq type='get'><a xmlns='u'><query xmlns='jabber:iq:register'/></a></iq>")]
    [InlineData("<iq type='get'><a xmlns='u'/><query xmlns='jabber:iq:register'/></iq>")]
    [InlineData("<iq type='get'/>")]
    [InlineData("<iq type='get'>query</iq>")]
    [InlineData("<iq type='get' a='&lt;query xmlns=\"jabber:iq:register\"/>'></iq>")]
    [Trait("Requirement", "EDGE-022")]
    public void OtherIqs_AreNone(string iq) => RegistrationRequest.TryRead(Encoding.UTF8.GetBytes(iq), out _).ShouldBeFalse();

    [Theory]
    [InlineData("<username>a</username><password>b</password>", RegistrationActions.ChangePassword)]
    [InlineData("<password/><username/>", RegistrationActions.ChangePassword)]
    [InlineData("<password>b</password>", RegistrationActions.Register)]
    [InlineData("<remove/>", RegistrationActions.RemoveAccount)]
    [InlineData("<r:remove xmlns:r='jabber:iq:register'/>", RegistrationActions.RemoveAccount)]
    [InlineData("<remove xmlns='u'/>", RegistrationActions.Register)]
    [InlineData("<a xmlns='u'><remove xmlns='jabber:iq:register'/></a>", RegistrationActions.Register)]
    [InlineData("<remove/><username>a</username><password>b</password>", RegistrationActions.RemoveAccount | RegistrationActions.ChangePassword)]
    [Trait("Requirement", "EDGE-026")]
    public void Fields_SayWhatItWouldDo(string fields, RegistrationActions expected) => ActionsOf(fields).ShouldBe(expected);

    [Theory]
    [InlineData("jabber:iq:register:changepassword", RegistrationActions.ChangePassword)]
    [InlineData("\n jabber:iq:register:cancel ", RegistrationActions.RemoveAccount)]
    [InlineData("jabber:iq:register", RegistrationActions.Register)]
    [InlineData("urn:xmpp:captcha", RegistrationActions.Register)]
    [InlineData("", RegistrationActions.Register)]
    [Trait("Requirement", "EDGE-026")]
    [Trait("Requirement", "EDGE-028")]
    public void Form_SaysWhatItWouldDo(string type, RegistrationActions expected) => ActionsOf(Form(type)).ShouldBe(expected);

    [Fact]
    [Trait("Requirement", "EDGE-026")]
    public void Form_BesideOthers_BothCount()
    {
        ActionsOf("<username>a</username><password>b</password>" + Form("jabber:iq:register")).ShouldBe(RegistrationActions.ChangePassword | RegistrationActions.Register);
        ActionsOf(Form("jabber:iq:register:cancel") + Form("jabber:iq:register")).ShouldBe(RegistrationActions.RemoveAccount | RegistrationActions.Register);
        ActionsOf(Form("jabber:iq:register:cancel").Replace("jabber:x:data", "u", StringComparison.Ordinal)).ShouldBe(RegistrationActions.Register);
        ActionsOf("<x xmlns='jabber:x:data'/>").ShouldBe(RegistrationActions.Register);
    }

    [Fact]
    [Trait("Requirement", "EDGE-022")]
    public void Request_TellsToWhomAndByWhichId()
    {
        RegistrationRequest.TryRead("<iq to='a&amp;b' id='&lt;1' type='set'><query xmlns='jabber:iq:register'/></iq>"u8, out var request).ShouldBeTrue();
        (request.To, request.Id, request.IsSet).ShouldBe(("a&b", "<1", true));
        RegistrationRequest.TryRead("<iq type='get'><query xmlns='jabber:iq:register'/></iq>"u8, out request).ShouldBeTrue();
        (request.To, request.Id, request.IsSet).ShouldBe((null, null, false));
    }

    private static string Form(string type) =>
        $"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>{type}</value></field><field var='username'><value>eve</value></field></x>";

    private static RegistrationActions ActionsOf(string children)
    {
        RegistrationRequest.TryRead(Encoding.UTF8.GetBytes($"<iq type='set'><query xmlns='jabber:iq:register'>{children}</query></iq>"), out var request).ShouldBeTrue();
        return request.Actions;
    }
}
