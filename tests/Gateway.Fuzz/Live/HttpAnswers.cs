using System.Globalization;
using System.Text;
using Gateway.Xmpp.Tests.Framing;

namespace Gateway.Fuzz.Live;

/// <summary>What a web server says back, as far as it has to be right whatever was asked.</summary>
internal static class HttpAnswers
{
    // RFC 9113 §6.5: what an HTTP/2 server begins with, or, when it speaks HTTP/1.1 only, ends with at once (§6.8).
    private static readonly byte[] SettingsFrame = [0, 0];

    /// <summary>Every answer is a complete one with a body of XML or none; no fault of the server is among them.</summary>
    /// <param name="received">All bytes of a connection.</param>
    /// <returns>What follows the head of a 101.</returns>
    public static byte[] Check(byte[] received)
    {
        var rest = received;
        while (rest.Length > 0)
        {
            if (rest.AsSpan().StartsWith(SettingsFrame))
            {
                return []; // HTTP/2, for who begins with its preface
            }

            var text = Encoding.Latin1.GetString(rest);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            end.ShouldBeGreaterThan(0, text);
            var head = text[..end];
            head.ShouldStartWith("HTTP/1.", Case.Sensitive);
            var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
            (status is < 500 or 501 or 505).ShouldBeTrue(text); // it is neither full nor does it drain; 501 is for codings, 505 for versions that are none
            rest = rest[(end + 4)..];
            if (status == 101)
            {
                return rest;
            }

            var length = Header(head, "content-length") is { } value ? int.Parse(value, CultureInfo.InvariantCulture) : 0;
            length = rest.AsSpan().StartsWith("HTTP/1."u8) ? 0 : Math.Min(length, rest.Length); // none to HEAD, and a break in the middle is the client's
            var body = rest[..length];
            if (length > 0 && status == 200)
            {
                CheckBody(body);
            }

            rest = rest[length..];
        }

        return [];
    }

    /// <summary>A BOSH body.</summary>
    public static void CheckBody(byte[] body)
    {
        var oracle = XmlReaderOracle.Judge(body);
        if (!oracle.HasQuirk)
        {
            oracle.Accepts.ShouldBeTrue(oracle.Message + ": " + Encoding.UTF8.GetString(body));
            Infoset.Root(Encoding.UTF8.GetString(body)).Elements[0].ShouldBe(("", Infoset.HttpBind));
        }
    }

    private static string? Header(string head, string name) =>
        head.Split("\r\n").Select(line => line.Split(':', 2)).Where(f => f.Length == 2 && f[0].Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f[1].Trim()).FirstOrDefault();
}
