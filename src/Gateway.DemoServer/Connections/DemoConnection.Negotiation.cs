using System.Net.Security;
using System.Security.Authentication;
using Gateway.DemoServer.Routing;
using Gateway.DemoServer.Sasl;
using Gateway.DemoServer.Xml;
using Gateway.Xmpp.Buffers;
using Gateway.Xmpp.Framing;
using Gateway.Xmpp.Streams;

namespace Gateway.DemoServer.Connections;

// Stream negotiation (RFC 6120 §4.3): TLS, then SASL, then a resource, each on a stream of its own.
internal sealed partial class DemoConnection
{
    /// <returns>False if the client closed its stream on the way.</returns>
    private async Task<bool> NegotiateAsync() =>
        await StartTlsAsync() && await AuthenticateAsync() is { } sasl && await BindAsync(sasl.User);

    private async Task<bool> StartTlsAsync()
    {
        var features = new Element("starttls", Names.Tls).Add(new Element("required", Names.Tls));
        if (!await OpenAsync(features) || await ReadElementAsync() is not { } request)
        {
            return false;
        }

        if (!request.Is("starttls", Names.Tls))
        {
            // RFC 6120 §5.3.1: nothing else is negotiated before it.
            throw new StreamFault(StreamErrorCondition.PolicyViolation, "STARTTLS is required");
        }

        if (_input.HasMore)
        {
            // What was sent in the clear behind the request must never count as sent under TLS (RFC 6120 §5.4.3.3).
            throw new StreamFault(StreamErrorCondition.PolicyViolation, "Data before the TLS handshake");
        }

        await SendAsync(new Element("proceed", Names.Tls));
        var tls = new SslStream(_stream);
        _stream = tls;
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _certificate,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            },
            _end.Token);
        Restart();
        return true;
    }

    private async Task<SaslNegotiation?> AuthenticateAsync()
    {
        var mechanisms = new Element("mechanisms", Names.Sasl);
        foreach (var mechanism in _accounts.Mechanisms)
        {
            mechanisms.Add(new Element("mechanism", Names.Sasl).Add(mechanism));
        }

        if (!await OpenAsync(mechanisms))
        {
            return null;
        }

        var sasl = new SaslNegotiation(_accounts);
        while (await ReadElementAsync() is { } element)
        {
            var answer = element.Namespace == Names.Sasl ? sasl.Handle(element) : null;
            await SendAsync(answer ?? throw new StreamFault(StreamErrorCondition.NotAuthorized));
            if (sasl.Succeeded)
            {
                Restart();
                return sasl;
            }

            if (sasl.Failures >= _options.MaxAuthAttempts)
            {
                // RFC 6120 §6.4.5
                throw new StreamFault(StreamErrorCondition.PolicyViolation, "Too many failed logins");
            }
        }

        return null;
    }

    private async Task<bool> BindAsync(string? user)
    {
        var session = new Element("session", Names.Session).Add(new Element("optional", Names.Session));
        if (!await OpenAsync(new Element("bind", Names.Bind).Add(new Element("required", Names.Bind)), session))
        {
            return false;
        }

        while (await ReadElementAsync() is { } iq)
        {
            if (!iq.Is("iq", Names.Client) || iq["type"] != "set" || iq.Child("bind", Names.Bind) is not { } bind)
            {
                // RFC 6120 §7.1: no stanza is handled before a resource is bound.
                throw new StreamFault(StreamErrorCondition.NotAuthorized);
            }

            var wanted = bind.Child("resource", Names.Bind)?.Text;
            if (iq["id"] is null || (!string.IsNullOrEmpty(wanted) && !Jid.IsResource(wanted)))
            {
                await SendAsync(StanzaError.BadRequest.Answer(iq));
                continue;
            }

            // From here on others may write to this stream, so the result must be in the queue before the router knows.
            _resource = _router.Bind(user, wanted, _output, jid => new Element("iq", Names.Client)
                .Set("type", "result").Set("id", iq["id"])
                .Add(new Element("bind", Names.Bind).Add(new Element("jid", Names.Bind).Add(jid.ToString()))));
            Log.Bound(_logger);
            return true;
        }

        return false;
    }

    /// <summary>Reads the client's header, answers it and offers features.</summary>
    private async Task<bool> OpenAsync(params Element[] features)
    {
        var item = await _input.ReadAsync(_stream, _end.Token);
        if (item is null)
        {
            throw new EndOfStreamException();
        }

        if (item.Header is not { } header)
        {
            return false;
        }

        using var writer = new PooledByteWriter();
        WriteHeader(writer);
        _headerSent = true;
        _output.Write(writer.WrittenSpan.ToArray());
        if (!header.IsStream || !item.ContentNamespace)
        {
            throw new StreamFault(StreamErrorCondition.InvalidNamespace);
        }

        if (header.To is null)
        {
            throw new StreamFault(StreamErrorCondition.ImproperAddressing);
        }

        if (!string.Equals(header.To, _options.Domain, StringComparison.OrdinalIgnoreCase))
        {
            throw new StreamFault(StreamErrorCondition.HostUnknown);
        }

        if (header.Version is null || header.Version.StartsWith("0.", StringComparison.Ordinal))
        {
            // RFC 6120 §4.7.5: without it there are no features, so no STARTTLS and no SASL.
            throw new StreamFault(StreamErrorCondition.UnsupportedVersion);
        }

        writer.Truncate(0);
        writer.Write("<stream:features>"u8);
        foreach (var feature in features)
        {
            writer.Write(feature.ToBytes());
        }

        writer.Write("</stream:features>"u8);
        _output.Write(writer.WrittenSpan.ToArray());
        await _output.FlushAsync(_stream, _end.Token);
        return true;
    }

    /// <summary>The next first-level element; null if the client closed its stream.</summary>
    private async Task<Element?> ReadElementAsync()
    {
        var item = await _input.ReadAsync(_stream, _end.Token) ?? throw new EndOfStreamException();
        return item.Kind == StreamElementKind.FirstLevelElement ? item.Element : null;
    }

    private Task SendAsync(Element element)
    {
        _output.Write(element.ToBytes());
        return _output.FlushAsync(_stream, _end.Token);
    }

    private void Restart()
    {
        _input.Restart();
        _headerSent = false;
    }

    private void WriteHeader(PooledByteWriter writer) => XmppStreamWriter.WriteHeader(writer, new StreamHeader
    {
        From = _options.Domain,
        Id = RandomText.Hex(_options.RandomSource, 12),
        Lang = "en",
    });
}
