namespace Gateway.Core.Backend.Dns;

/// <summary>A uniform integer from 0 to <paramref name="max"/>, both included, that nobody can foretell.</summary>
public delegate int RandomDraw(int max);

/// <summary>In which order the targets of a service are tried (RFC 2782, DISC-026, DISC-027).</summary>
public static class SrvTargets
{
    /// <summary>Orders by priority, and within one priority draws by weight.</summary>
    /// <param name="records">Of one service, or of several to be ordered as one (XEP-0368 §3).</param>
    /// <param name="record">The record of an item.</param>
    /// <param name="draw">The randomness.</param>
    public static IReadOnlyList<T> Order<T>(IEnumerable<T> records, Func<T, SrvRecord> record, RandomDraw draw)
    {
        var ordered = new List<T>();
        foreach (var priority in records.GroupBy(r => record(r).Priority).OrderBy(g => g.Key))
        {
            // :: Step 1: those of weight 0 first, otherwise in any order.
            var waiting = priority.ToList();
            Shuffle(waiting, draw);
            waiting = [.. waiting.OrderBy(r => record(r).Weight != 0)];
            var total = waiting.Sum(r => record(r).Weight);
            while (waiting.Count > 0)
            {
                // :: Steps 2 to 4: the first whose running sum reaches the number drawn.
                var drawn = draw(total);
                var next = 0;
                for (var sum = (int)record(waiting[0]).Weight; sum < drawn; sum += record(waiting[next]).Weight)
                {
                    next++;
                }

                // :: Step 5: until none is left.
                ordered.Add(waiting[next]);
                total -= record(waiting[next]).Weight;
                waiting.RemoveAt(next);
            }
        }

        return ordered;
    }

    private static void Shuffle<T>(List<T> items, RandomDraw draw)
    {
        for (var i = items.Count - 1; i > 0; i--)
        {
            var other = draw(i);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }
}
