using Gateway.LoadTests.Results;

namespace Gateway.LoadTests.Measuring;

/// <summary>Counts what must not happen, with a few words on the first of each.</summary>
internal sealed class FaultLog
{
    private const int MaxTexts = 10;

    private readonly List<string> _texts = [];
    private long _lost;
    private long _doubled;
    private long _reordered;
    private long _changed;
    private long _hungLogins;
    private long _errors;

    public void Lost(long count, string text) => Add(ref _lost, count, text);

    public void Doubled(string text) => Add(ref _doubled, 1, text);

    public void Reordered(string text) => Add(ref _reordered, 1, text);

    public void Changed(string text) => Add(ref _changed, 1, text);

    public void HungLogin(string text) => Add(ref _hungLogins, 1, text);

    public void Error(string text) => Add(ref _errors, 1, text);

    /// <summary>What was seen until now.</summary>
    public Faults ToFaults()
    {
        lock (_texts)
        {
            return new Faults
            {
                Lost = _lost,
                Doubled = _doubled,
                Reordered = _reordered,
                Changed = _changed,
                HungLogins = _hungLogins,
                Errors = _errors,
                Texts = [.. _texts],
            };
        }
    }

    private void Add(ref long counter, long count, string text)
    {
        lock (_texts)
        {
            counter += count;
            if (_texts.Count < MaxTexts)
            {
                _texts.Add(text.Length > 600 ? text[..600] + "…" : text);
            }
        }
    }
}
