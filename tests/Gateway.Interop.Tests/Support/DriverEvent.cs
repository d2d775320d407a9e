using System.Text;

namespace Gateway.Interop.Tests.Support;

/// <summary>One line that a driver printed: its name, and the fields after it.</summary>
internal sealed record DriverEvent(string Name, string First, string Second)
{
    /// <summary>For `message`: the text, exactly.</summary>
    public string Body => Encoding.UTF8.GetString(Convert.FromBase64String(Second));

    public static DriverEvent Parse(string line) =>
        line.Split('\t') is [var name, .. var fields]
            ? new DriverEvent(name, fields.ElementAtOrDefault(0) ?? "", fields.ElementAtOrDefault(1) ?? "")
            : throw new FormatException(line);
}
