using System.Text;
using Gateway.Fuzz.Inputs;
using Gateway.Fuzz.Live;
using Gateway.TestKit;

namespace Gateway.Fuzz.Targets;

/// <summary>
/// A hostile server under an honest client, of either transport: its headers, features, STARTTLS answers, SASL, stanzas and
/// closes are broken anywhere. The first byte of an input says which transport (1) and whether STARTTLS is asked for (2).
/// </summary>
internal sealed class BackendTarget(FuzzedGateway gateway) : LiveTarget(gateway)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(40);
    private int _cases;

    private static readonly string[] Said =
    [
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>", "", "<iq type='set' id='b' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
        "<message to='a@example.org' xmlns='jabber:client'><body>x</body></message>",
    ];

    /// <inheritdoc/>
    public override string Name => "backend";

    /// <inheritdoc/>
    public override byte[] Generate(Random random)
    {
        var way = (byte)random.Next(2);
        string[] steps =
        [
            FakeXmppStream.DefaultHeader + FakeXmppStream.DefaultFeatures, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
            FakeXmppStream.DefaultHeader.Replace(" id=", " xmlns:p='urn:p' id=", StringComparison.Ordinal) + "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
            XmlInput.Child(random) + "<iq p:a='1' id='b'><p:b/></iq>",
            XmlInput.Child(random) + XmlInput.Child(random), "</stream:stream>",
        ];
        if (random.Next(6) == 0)
        {
            way |= 2;
            steps = [FakeXmppStream.DefaultHeader + "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "\u0016\u0003\u0003\0\u0002ab"];
        }

        // One step is broken, or all of them together; before it all goes well, so that late steps are reached.
        var bytes = steps.Select(Encoding.UTF8.GetBytes).ToArray();
        var at = random.Next(bytes.Length);
        bytes[at] = Mutator.Mutate(random, bytes[at], XmlInput.Stream(random));
        byte[] script = [.. bytes.SelectMany(step => step.Append(FuzzBackend.StepEnd))];
        return [way, .. random.Next(5) == 0 ? Mutator.Mutate(random, script, XmlInput.Stream(random)) : script];
    }

    /// <inheritdoc/>
    public override async Task RunAsync(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        var domain = $"c{Interlocked.Increment(ref _cases)}.{((input[0] & 2) != 0 ? "tls" : "plain")}.example";
        Gateway.Backend.Add(domain, input[1..]);
        try
        {
            await ((input[0] & 1) != 0 ? RunWebSocketAsync(domain) : RunBoshAsync(domain));
        }
        finally
        {
            Gateway.Backend.Remove(domain);
        }
    }

    private async Task RunWebSocketAsync(string domain)
    {
        await using var client = await RawClient.ConnectAsync(Gateway.Public);
        var open = Frames.Text($"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{domain}' version='1.0'/>");
        await client.SendAsync(Frames.Handshake);
        await client.SendAsync(open);
        await client.ListenAsync();
        foreach (var text in Said)
        {
            if (!client.HasEnded)
            {
                await client.SendAsync(text.Length == 0 ? open : Frames.Text(text));
                await client.ListenAsync();
            }
        }

        await client.FinishAsync();
        Frames.Check(HttpAnswers.Check(client.Received));
    }

    private async Task RunBoshAsync(string domain)
    {
        var rid = 4_000_000_000;
        var answer = await PostAsync(
            $"<body rid='{rid}' to='{domain}' ver='1.6' wait='50' hold='1' xml:lang='en' xmpp:version='1.0' xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'/>");
        if (answer?.Split(" sid='") is not [_, var rest])
        {
            return; // refused, or not answered: the server has not come that far
        }

        var sid = rest[..rest.IndexOf('\'', StringComparison.Ordinal)];
        foreach (var text in Said)
        {
            rid++;
            answer = await PostAsync(text.Length == 0
                ? $"<body rid='{rid}' sid='{sid}' xmpp:restart='true' xmlns='http://jabber.org/protocol/httpbind' xmlns:xmpp='urn:xmpp:xbosh'/>"
                : $"<body rid='{rid}' sid='{sid}' xmlns='http://jabber.org/protocol/httpbind'>{text}</body>");
            if (answer?.Contains("type='terminate'", StringComparison.Ordinal) == true)
            {
                return;
            }
        }
    }

    /// <summary>The answer, or null when it is held.</summary>
    private async Task<string?> PostAsync(string body)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var answer = await Gateway.PostAsync(body, patience.Token);
            HttpAnswers.CheckBody(Encoding.UTF8.GetBytes(answer));
            return answer;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
