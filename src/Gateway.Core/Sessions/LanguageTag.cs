namespace Gateway.Core.Sessions;

/// <summary>A client's <c>xml:lang</c>, which goes into the header of the backend's stream: nothing longer and nothing else than a tag may.</summary>
public static class LanguageTag
{
    private const int Longest = 35; // RFC 5646 §4.4.1
    private const int LongestPart = 8;

    /// <summary>The shape of a language tag (RFC 5646 §2.1); what it names is not looked up.</summary>
    public static bool Is(string? lang) =>
        lang is { Length: > 0 and <= Longest }
        && char.IsAsciiLetter(lang[0])
        && lang.Split('-').All(part => part.Length is > 0 and <= LongestPart && part.All(char.IsAsciiLetterOrDigit));

    /// <summary>The tag, or another one if it is none.</summary>
    public static string Or(string? lang, string otherwise) => Is(lang) ? lang! : otherwise;
}
