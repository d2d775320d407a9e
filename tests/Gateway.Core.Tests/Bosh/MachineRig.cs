using System.Text;
using Gateway.Core.Bosh;
using Gateway.Core.Policies;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;

namespace Gateway.Core.Tests.Bosh;

/// <summary>Drives the rules by plain calls: requests as XML, a clock that the test moves, and everything that came out.</summary>
internal sealed class MachineRig
{
    public const string Creation =
        "<body rid='100' xmlns='http://jabber.org/protocol/httpbind' to='example.com' xml:lang='en' wait='60' hold='1' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'/>";

    public const string Features = "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></stream:features>";
    public const string Success = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
    public const string Empty = "<body xmlns='http://jabber.org/protocol/httpbind'/>";
    public const string Error = "<body type='error' xmlns='http://jabber.org/protocol/httpbind'/>";
    public const string Terminate = "<body type='terminate' xmlns='http://jabber.org/protocol/httpbind'/>";

    private readonly BoshSessionMachine _machine;
    private readonly Dictionary<HeldRequest, BoshResponse> _answers = [];
    private readonly StringBuilder _written = new();
    private BoshEffect.ArmTimer? _timer;

    public MachineRig(string creation = Creation, BoshOptions? options = null, SessionLimits? limits = null, SecurityOptions? security = null)
    {
        var request = Parse(creation);
        BoshTerms.TryNegotiate(request.Body, "SID", "example.com", options ?? new BoshOptions(), out var terms).ShouldBeTrue();
        Terms = terms;
        _machine = new BoshSessionMachine(terms, options ?? new BoshOptions(), limits ?? new SessionLimits(), new DomainSecurity(security ?? new SecurityOptions(), isBackendExposed: false));
        CreationRequest = Post(request);
    }

    public BoshTerms Terms { get; }

    public HeldRequest CreationRequest { get; }

    public TimeSpan Now { get; private set; }

    public List<BoshEffect> Effects { get; } = [];

    public string Written => _written.ToString();

    public int HeldCount => _machine.HeldCount;

    public bool IsAuthenticated => _machine.IsAuthenticated;

    public BoshEffect.End? End => Effects.OfType<BoshEffect.End>().SingleOrDefault();

    public bool IsDropped => Effects.OfType<BoshEffect.Drop>().Any();

    /// <summary>The exchanges in the order in which they were answered.</summary>
    public List<HeldRequest> AnswerOrder { get; } = [];

    /// <summary>A session whose client is logged in: SASL and restart are over, no request is open, the last rid is 104.</summary>
    public static MachineRig LoggedIn(string creation = Creation, BoshOptions? options = null, SessionLimits? limits = null, SecurityOptions? security = null)
    {
        var rig = new MachineRig(creation, options, limits, security);
        rig.Open();
        rig.Send(101, "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        rig.Backend(DownPayloadKind.SaslSuccess, Success);
        rig.Send(102, attributes: "xmpp:restart='true' xmlns:xmpp='urn:xmpp:xbosh'");
        rig.Backend(DownPayloadKind.Features, Features);
        rig.Send(103);
        rig.Backend("<iq id='bind'/>");
        rig.Send(104);
        rig.Backend("<iq id='roster'/>");
        rig.HeldCount.ShouldBe(0);
        rig._written.Clear();
        rig.Effects.Clear();
        rig.AnswerOrder.Clear();
        return rig;
    }

    public static BoshRequest Parse(string xml)
    {
        var parser = new BoshBodyParser();
        var document = Encoding.UTF8.GetBytes(xml);
        parser.TryReadTag(document, FramingLimits.Default, out var body).ShouldBeTrue();
        using var output = new PooledByteWriter();
        List<BoshPayload> payloads = [];
        parser.ReadPayloads(document, FramingLimits.Default, output, payloads).ShouldBeTrue();
        return new BoshRequest(body, output.WrittenSpan.ToArray(), payloads);
    }

    public static string Request(long rid, string payload = "", string attributes = "") =>
        $"<body rid='{rid}' sid='SID' {attributes} xmlns='http://jabber.org/protocol/httpbind'>{payload}</body>";

    public HeldRequest Send(long rid, string payload = "", string attributes = "") => Post(Parse(Request(rid, payload, attributes)));

    public HeldRequest Post(BoshRequest request)
    {
        var exchange = new HeldRequest(request);
        Step(new BoshEvent.Received(exchange));
        return exchange;
    }

    public void Open() => Step(new BoshEvent.BackendOpened("a1", "1.0", new DownPayload(Encoding.UTF8.GetBytes(Features), DownPayloadKind.Features, true)));

    public void Backend(params string[] stanzas) =>
        Step(new BoshEvent.BackendRead([.. stanzas.Select(s => new DownPayload(Encoding.UTF8.GetBytes(s), DownPayloadKind.Stanza, false))]));

    public void Backend(DownPayloadKind kind, string payload) =>
        Step(new BoshEvent.BackendRead([new DownPayload(Encoding.UTF8.GetBytes(payload), kind, payload.StartsWith("<stream:", StringComparison.Ordinal))]));

    public void Step(BoshEvent e)
    {
        var first = Effects.Count;
        _machine.Step(e, Now, Effects);
        foreach (var effect in Effects.Skip(first))
        {
            switch (effect)
            {
                case BoshEffect.Respond respond:
                    _answers.TryAdd(respond.Exchange, respond.Response).ShouldBeTrue("an exchange is answered once");
                    AnswerOrder.Add(respond.Exchange);
                    break;
                case BoshEffect.WriteBackend write:
                    _written.Append(Encoding.UTF8.GetString(write.Bytes.Span));
                    break;
                case BoshEffect.ArmTimer timer:
                    _timer = timer;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Time passes; the timer fires when it is due, as often as it is armed again.</summary>
    public void Advance(double seconds) => Pass(TimeSpan.FromSeconds(seconds));

    public void Pass(TimeSpan time)
    {
        var target = Now + time;
        while (_timer is { } timer && timer.Due <= target)
        {
            _timer = null;
            Now = timer.Due > Now ? timer.Due : Now;
            Step(new BoshEvent.TimerFired(timer.Generation));
        }

        Now = target;
    }

    public bool IsOpen(HeldRequest exchange) => !_answers.ContainsKey(exchange);

    public BoshResponse Response(HeldRequest exchange) => _answers[exchange];

    public string Body(HeldRequest exchange) => Encoding.UTF8.GetString(_answers[exchange].Body.Span);

    public static string TerminateWith(string condition) => $"<body type='terminate' condition='{condition}' xmlns='http://jabber.org/protocol/httpbind'/>";

    public static string Carrying(string payload) => $"<body xmlns='http://jabber.org/protocol/httpbind'>{payload}</body>";
}
