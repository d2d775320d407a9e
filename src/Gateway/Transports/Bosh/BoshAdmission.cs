using Gateway.Core.Bosh;
using Gateway.Core.Sessions;
using Gateway.Xmpp.Bosh;
using Gateway.Xmpp.Framing;

namespace Gateway.Transports.Bosh;

/// <summary>What became of a request: an exchange of a session, or an answer at once.</summary>
/// <param name="Exchange">The exchange, whose session answers; null: the rest says what is answered.</param>
/// <param name="Session">Its session.</param>
/// <param name="Status">HTTP status; anything but 200 comes without a body.</param>
/// <param name="Refusal">The terminal body.</param>
internal readonly record struct BoshAdmission(HeldRequest? Exchange, BoshSession? Session, int Status, BoshResponse Refusal)
{
    /// <summary>Refused by HTTP itself (BOSH-123).</summary>
    public static BoshAdmission WithStatus(int status) => new(null, null, status, default);

    /// <summary>Refused with a terminal body, tied to no session (BOSH-122).</summary>
    public static BoshAdmission Refused(TerminalCondition condition) =>
        new(null, null, StatusCodes.Status200OK, BoshResponse.Ok(BoshBodyWriter.Terminal(condition)));

    /// <summary>The reason a broken body gives to its session's end.</summary>
    public static SessionEndReason ToReason(FramingError error) => error switch
    {
        FramingError.TooBig => SessionEndReason.StanzaTooBig,
        FramingError.TooDeep or FramingError.TooManyParts => SessionEndReason.StanzaTooComplex,
        FramingError.RestrictedXml => SessionEndReason.RestrictedXml,
        FramingError.InvalidUtf8 or FramingError.UnsupportedEncoding => SessionEndReason.UnsupportedEncoding,
        FramingError.BadFormat => SessionEndReason.BadFormat,
        _ => SessionEndReason.NotWellFormed,
    };
}
