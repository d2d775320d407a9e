using Gateway.Xmpp.Streams;

namespace Gateway.Xmpp.Framing;

/// <summary>What broke in the input.</summary>
public enum FramingError : byte
{
    /// <summary>Nothing broke.</summary>
    None,

    /// <summary>XML or namespace well-formedness, an undeclared prefix included.</summary>
    NotWellFormed,

    /// <summary>Comment, processing instruction, document type declaration or a foreign entity (RFC 6120 §11.1).</summary>
    RestrictedXml,

    /// <summary>Bytes that are not UTF-8 (RFC 6120 §11.6).</summary>
    InvalidUtf8,

    /// <summary>An XML declaration that names an encoding other than UTF-8.</summary>
    UnsupportedEncoding,

    /// <summary>Character data where only elements may be, or something after the document's root.</summary>
    BadFormat,

    /// <summary>More than <see cref="FramingLimits.MaxBytes"/>.</summary>
    TooBig,

    /// <summary>More than <see cref="FramingLimits.MaxDepth"/>.</summary>
    TooDeep,

    /// <summary>Too many attributes or declarations, or too long a name.</summary>
    TooManyParts,
}

/// <summary>Maps framing errors to what RFC 6120 says about them.</summary>
public static class FramingErrors
{
    /// <summary>The stream error condition of RFC 6120 §4.9.3 for an error.</summary>
    public static StreamErrorCondition ToCondition(this FramingError error) => error switch
    {
        FramingError.NotWellFormed => StreamErrorCondition.NotWellFormed,
        FramingError.RestrictedXml => StreamErrorCondition.RestrictedXml,
        FramingError.InvalidUtf8 or FramingError.UnsupportedEncoding => StreamErrorCondition.UnsupportedEncoding,
        FramingError.BadFormat => StreamErrorCondition.BadFormat,
        FramingError.TooBig or FramingError.TooDeep or FramingError.TooManyParts => StreamErrorCondition.PolicyViolation,
        _ => StreamErrorCondition.UndefinedCondition,
    };
}
