using System.Globalization;
using System.Net;
using System.Text;

namespace Gateway.Core.Policies;

/// <summary>
/// A domain, prepared so that each has one spelling (RFC 7622 §3.2, BOSH-035): no trailing dot, case folded, and both forms of an
/// internationalised label known. Folding is Unicode's simple one; composed and decomposed letters stay different, as the process has no culture data.
/// </summary>
/// <param name="Ascii">With A-labels: to compare, for DNS, SNI and certificates.</param>
/// <param name="Unicode">With U-labels: what XMPP writes.</param>
public readonly record struct DomainName(string Ascii, string Unicode)
{
    /// <summary>Most bytes of a domain (RFC 1034 §3.1).</summary>
    public const int MaxLength = 255;

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true, AllowUnassigned = false };

    /// <summary>Prepares a domain.</summary>
    /// <param name="text">From anywhere; an address is no domain, and no more than letters, digits, marks and hyphens make one.</param>
    /// <param name="name">Both spellings.</param>
    public static bool TryPrepare(string text, out DomainName name)
    {
        ArgumentNullException.ThrowIfNull(text);
        name = default;
        var bare = text.EndsWith('.') ? text[..^1] : text;
        if (bare.Length is 0 or > MaxLength || bare.EndsWith('.') || !HasOnlyLabels(bare) || IPAddress.TryParse(bare, out _))
        {
            return false;
        }

        try
        {
            var ascii = Idn.GetAscii(bare.ToLowerInvariant());
            var unicode = Idn.GetUnicode(ascii);

            // An A-label must be what its U-label makes: a second spelling would be a second name.
            if (ascii.Length > MaxLength || !HasOnlyLabels(unicode) || Idn.GetAscii(unicode.ToLowerInvariant()) != ascii)
            {
                return false;
            }

            name = new DomainName(ascii, unicode);
            return true;
        }
        catch (ArgumentException)
        {
            return false; // empty or long labels, hyphens at their ends, broken punycode
        }
    }

    private static bool HasOnlyLabels(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            var isLabel = rune.Value is '.' or '-' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter
                or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.DecimalDigitNumber
                or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            if (!isLabel)
            {
                return false;
            }
        }

        return true;
    }
}
