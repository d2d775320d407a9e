using Gateway.DemoServer.Xml;

namespace Gateway.DemoServer.Sasl;

/// <summary>The SASL elements of one stream (RFC 6120 §6.4). Knows no network: an element in, the answer out.</summary>
internal sealed class SaslNegotiation(SaslAccounts accounts)
{
    private ISaslMechanism? _mechanism;

    /// <summary>Failed exchanges so far.</summary>
    public int Failures { get; private set; }

    /// <summary>The last answer was success.</summary>
    public bool Succeeded { get; private set; }

    /// <summary>After success: the account's name, or null for a new anonymous one.</summary>
    public string? User { get; private set; }

    /// <summary>Answers an element of the SASL namespace; null if it is none that a client may send.</summary>
    public Element? Handle(Element element)
    {
        switch (element.Name)
        {
            case "auth":
                _mechanism = accounts.Begin(element["mechanism"] ?? string.Empty);
                return _mechanism is null ? Fail(SaslConditions.InvalidMechanism) : Step(element.Text);
            case "response":
                return _mechanism is null ? Fail(SaslConditions.MalformedRequest) : Step(element.Text);
            case "abort":
                return Fail(SaslConditions.Aborted);
            default:
                return null;
        }
    }

    private Element Step(string text)
    {
        // "=" stands for an empty initial response (RFC 6120 §6.4.2).
        var encoded = text == "=" ? string.Empty : text;
        var message = new byte[(encoded.Length / 4 * 3) + 3];
        if (!Convert.TryFromBase64String(encoded, message, out var length))
        {
            return Fail(SaslConditions.IncorrectEncoding);
        }

        var step = _mechanism!.Step(message.AsSpan(0, length));
        switch (step.Outcome)
        {
            case SaslOutcome.Challenge:
                return new Element("challenge", Names.Sasl).Add(Encode(step.Data));
            case SaslOutcome.Success:
                Succeeded = true;
                User = step.User;
                _mechanism = null;
                var success = new Element("success", Names.Sasl);
                return step.Data is null ? success : success.Add(Encode(step.Data));
            default:
                return Fail(step.Condition!);
        }
    }

    private Element Fail(string condition)
    {
        _mechanism = null;
        Failures++;
        return new Element("failure", Names.Sasl).Add(new Element(condition, Names.Sasl));
    }

    private static string Encode(byte[]? data) => Convert.ToBase64String(data ?? []);
}
