using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Gateway.Transports.WebSockets;

/// <summary>
/// Chooses among a client's offers of permessage-deflate (RFC 7692 §7.1). The library answers an offer that it can read; what
/// it gets to see here is one offer, always without context takeover in both directions (WS-057).
/// </summary>
internal static class DeflateOffer
{
    private const string Extension = "permessage-deflate";

    // zlib has no raw window of 256 bytes; an offer of it is declined (RFC 7692 §7.1.2.1).
    private const int LeastWindowBits = 9;
    private const int MostWindowBits = 15;

    /// <summary>Puts the first good offer, made canonical, in the place of the request's; without one, nothing.</summary>
    /// <returns>The window that the client asks of the server, in bits; 0 when no offer is good.</returns>
    public static int Choose(IHeaderDictionary request)
    {
        foreach (var offer in request.GetCommaSeparatedValues("Sec-WebSocket-Extensions"))
        {
            if (Window(offer) is var bits and > 0)
            {
                request.SecWebSocketExtensions = Extension + "; server_no_context_takeover; client_no_context_takeover"
                    + (bits < MostWindowBits ? string.Create(CultureInfo.InvariantCulture, $"; server_max_window_bits={bits}") : "");
                return bits;
            }
        }

        request.SecWebSocketExtensions = StringValues.Empty;
        return 0;
    }

    /// <summary>The server's window under an offer; 0 when the offer is to be declined (WS-058).</summary>
    private static int Window(string offer)
    {
        var parts = offer.Split(';', StringSplitOptions.TrimEntries);
        if (parts[0] != Extension)
        {
            return 0;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var window = MostWindowBits;
        foreach (var parameter in parts.Skip(1))
        {
            var (name, value) = parameter.Split('=', 2, StringSplitOptions.TrimEntries) is [var n, var v] ? (n, v.Trim('"')) : (parameter, null);
            if (!seen.Add(name))
            {
                return 0;
            }

            switch (name)
            {
                case "server_no_context_takeover" or "client_no_context_takeover" when value is null:
                case "client_max_window_bits" when value is null || Bits(value) > 0:
                    break;
                case "server_max_window_bits" when value is not null && Bits(value) >= LeastWindowBits:
                    window = Bits(value);
                    break;
                default:
                    return 0;
            }
        }

        return window;
    }

    /// <summary>A decimal from 8 to 15 without a leading zero; otherwise 0.</summary>
    private static int Bits(string value) =>
        value is "8" or "9" or "10" or "11" or "12" or "13" or "14" or "15" ? int.Parse(value, CultureInfo.InvariantCulture) : 0;
}
