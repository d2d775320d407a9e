using System.Globalization;
using System.Text;
using Gateway.Xmpp.Framing;

namespace Gateway.Core.Backend;

/// <summary>What a backend's features say of silence (XEP-0478 §3.1).</summary>
internal static class StreamLiveness
{
    /// <summary>Sweeps of silence after which white space is due: 300 s, or half of the backend's <c>idle-seconds</c> if that is shorter (XS-069).</summary>
    /// <param name="features">A whole checked features element.</param>
    public static int QuietSweeps(ReadOnlySpan<byte> features)
    {
        var interval = StreamKeepAlive.DefaultInterval;
        if (IdleSeconds(features) is { } idle && idle / 2 < interval.TotalSeconds)
        {
            interval = TimeSpan.FromSeconds(idle / 2);
        }

        return SweepsIn(interval);
    }

    /// <summary>How many sweeps see a silence of that length.</summary>
    /// <remarks>At least one whole period: longer than a close may last, in which nothing more is said (XS-051).</remarks>
    public static int SweepsIn(TimeSpan interval) => Math.Max(2, (int)Math.Ceiling(interval / StreamKeepAlive.Period) + 1);

    private static int? IdleSeconds(ReadOnlySpan<byte> features)
    {
        var reader = new XmlTokenReader(features);
        var (inLimits, inIdle) = (false, false);
        while (reader.Read())
        {
            switch (reader.Kind)
            {
                case XmlTokenKind.StartTag when reader.Depth == 1:
                    inLimits = new StartTag(reader.Token).LocalName.SequenceEqual("limits"u8);
                    break;
                case XmlTokenKind.StartTag:
                    inIdle = inLimits && reader.Depth == 2 && new StartTag(reader.Token).LocalName.SequenceEqual("idle-seconds"u8);
                    break;
                case XmlTokenKind.Text when inIdle && reader.Depth == 3:
                    return int.TryParse(Encoding.UTF8.GetString(reader.Token).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;
                default:
                    inIdle = false;
                    break;
            }
        }

        return null;
    }
}
