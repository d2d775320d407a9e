using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using Gateway.Benchmarks.InMemory;
using Gateway.Core.Bosh;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;

namespace Gateway.Benchmarks;

/// <summary>
/// One BOSH session between the parsed request and the backend stream: no HTTP, no sockets, all on one thread. What a request
/// costs before the session gets it is not counted, but for the exchange itself.
/// </summary>
[SuppressMessage("Reliability", "CA2012", Justification = "A response is looked at once, when it is there.")]
public class BoshSessionBenchmark : IMeasuredBytes
{
    private static readonly byte[] Stanza = SampleStanzas.Message;

    private readonly Surroundings _surroundings = new();
    private readonly BoshBody _body = new() { Rid = 1, To = Surroundings.Domain, Ver = BoshVersion.Supported, Wait = 50, Hold = 1, XmppVersion = "1.0" };
    private BoshRequest _empty = null!;
    private BoshRequest _message = null!;
    private BoshSession _session = null!;
    private HeldRequest? _before;
    private HeldRequest? _last;

    /// <inheritdoc/>
    public static int BytesOf(string method) => method == nameof(Echo) ? SampleStanzas.ClientMessage.Length + Stanza.Length : 0;

    [GlobalSetup]
    public void LogIn()
    {
        _empty = new BoshRequest(_body, default, []);
        _message = new BoshRequest(_body, SampleStanzas.ClientMessage, [new BoshPayload(SampleStanzas.ClientMessage.Length, BoshPayloadKind.Stanza)]);
        var creation = new HeldRequest(_empty);
        if (!_surroundings.CreateManager().TryCreate(creation, ClientConnection.Unknown, out _session, out _))
        {
            throw new InvalidOperationException("no session");
        }

        var backend = _surroundings.Backend;
        Check(creation, "<stream:features"u8);
        var auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>"u8.ToArray();
        var login = Receive(new BoshRequest(_body, auth, [new BoshPayload(auth.Length, BoshPayloadKind.Other)]));
        backend.Accept();
        Check(login, "<success"u8);
        _body.IsRestart = true;
        var restart = Receive(_empty);
        _body.IsRestart = false;
        backend.AnswerRestart();
        Check(restart, "<bind"u8);
    }

    /// <summary>A request that brings a message up and takes one down.</summary>
    [Benchmark]
    public int Echo()
    {
        var exchange = Receive(_message);
        _surroundings.Backend.Deliver(Stanza);
        return exchange.Response.Result.Body.Length;
    }

    /// <summary>An empty request that is held and takes the place of the one before it, which goes back empty: at once, or with the next (<see cref="AnswerGrace"/>).</summary>
    [Benchmark]
    public int EmptyPoll()
    {
        var before = _before;
        _before = _last;
        _last = Receive(_empty);
        if (before is null)
        {
            return 0;
        }

        while (!before.Response.IsCompleted)
        {
            Thread.SpinWait(10); // the session's timer came in between and takes it along
        }

        return before.Response.Result.Body.Length;
    }

    private HeldRequest Receive(BoshRequest request)
    {
        _body.Rid++;
        var exchange = new HeldRequest(request);
        _session.Receive(exchange);
        return exchange;
    }

    private static void Check(HeldRequest exchange, ReadOnlySpan<byte> expected)
    {
        if (exchange.Response is not { IsCompletedSuccessfully: true } response || response.Result.Body.Span.IndexOf(expected) < 0)
        {
            throw new InvalidOperationException("the login went wrong");
        }
    }
}
