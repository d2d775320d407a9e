namespace Gateway.Configuration;

/// <summary>Finds what a misspelt key was meant to be.</summary>
internal static class NearestKey
{
    /// <summary>The candidate with the smallest edit distance, case aside; null without candidates.</summary>
    public static string? Find(string word, IEnumerable<string> candidates) =>
        candidates.MinBy(candidate => Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant()));

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours between two words.</summary>
    public static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
