using System.Collections.Concurrent;
using System.Text;

namespace Gateway.LoadTests.Scenarios;

/// <summary>Texts of an exact length, with references and characters of two to four bytes in them, that every server writes as they were sent.</summary>
internal static class EchoText
{
    private const int Variants = 16;

    // No quotes and no '>': servers differ in whether they write them as references.
    private static readonly string[] Words =
    [
        " shall we", " meet", " at the", " station", " &amp;", " walk", " 1 &lt; 2", " déjà vu", " Grüße", " – see", " 駅で", " 🚲", " at noon", " perhaps", " tomorrow", " once more",
    ];

    private static readonly ConcurrentDictionary<int, byte[][]> Known = new();

    /// <summary>All texts of a length.</summary>
    public static byte[][] OfLength(int bytes) =>
        Known.GetOrAdd(bytes, static length => [.. Enumerable.Range(0, Variants).Select(variant => Make(variant, length))]);

    private static byte[] Make(int variant, int length)
    {
        var text = new List<byte>(length);
        for (int word = variant, misses = 0; misses < Words.Length; word += 5)
        {
            var bytes = Encoding.UTF8.GetBytes(Words[word % Words.Length]);
            if (text.Count + bytes.Length <= length)
            {
                text.AddRange(bytes);
                misses = 0;
            }
            else
            {
                misses++;
            }
        }

        text.AddRange(Enumerable.Repeat((byte)'.', length - text.Count));
        return [.. text];
    }
}
