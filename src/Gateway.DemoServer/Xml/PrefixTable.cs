namespace Gateway.DemoServer.Xml;

/// <summary>The declarations in scope while a tree is read. A look-up costs the same however many there are.</summary>
internal sealed class PrefixTable
{
    private readonly Dictionary<string, Stack<string>> _names = [];
    private readonly Stack<string> _declared = new();

    /// <summary>How many are in scope: a mark to go back to.</summary>
    public int Count => _declared.Count;

    public void Declare(string prefix, string name)
    {
        if (!_names.TryGetValue(prefix, out var names))
        {
            _names.Add(prefix, names = new Stack<string>());
        }

        names.Push(name);
        _declared.Push(prefix);
    }

    public void ReturnTo(int count)
    {
        while (_declared.Count > count)
        {
            _names[_declared.Pop()].Pop();
        }
    }

    /// <summary>The namespace of a prefix; empty for an unprefixed name without a default declaration.</summary>
    public string Find(string prefix) => _names.TryGetValue(prefix, out var names) && names.TryPeek(out var name) ? name : string.Empty;
}
