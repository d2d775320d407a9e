namespace Gateway.Xmpp.Framing;

/// <summary>The scanner itself: XML 1.0 and Namespaces in XML 1.0, less what RFC 6120 §11.1 forbids.</summary>
public sealed partial class XmppFramer
{
    private int _mark;
    private int _colon;
    private bool _spaceSeen;

    private enum State : byte
    {
        Between,
        Markup,
        TagName,
        InTag,
        AttributeName,
        BeforeEquals,
        BeforeValue,
        SingleQuoted,
        DoubleQuoted,
        EmptyTag,
        EndTagName,
        EndTagEnd,
        Text,
        CDataOpen,
        CData,
    }


    /// <summary>Scans on from where it stopped. True: <c>_element</c> is complete. False: more is needed, or <see cref="Error"/> is set.</summary>
    private bool Scan(ReadOnlySpan<byte> input)
    {
        var position = _position;
        var classes = Classes;
        switch (_state)
        {
            case State.Between:
                // White space stands here only behind an XML declaration.
                if (!SkipSpaces(input, ref position))
                {
                    return Suspend(position);
                }

                if (input[position] != (byte)'<')
                {
                    return Fail(FramingError.BadFormat);
                }

                goto case State.Markup;

            case State.Markup:
                // At '<': the next byte tells what it opens.
                _state = State.Markup;
                if (position + 1 >= input.Length)
                {
                    return Suspend(position);
                }

                if (input[position + 1] == (byte)'/')
                {
                    if (_depth == 0 && _place != Place.InRoot)
                    {
                        return Fail(_place == Place.AfterRoot ? FramingError.BadFormat : FramingError.NotWellFormed);
                    }

                    position += 2;
                    _mark = position;
                    goto case State.EndTagName;
                }

                if (input[position + 1] == (byte)'!')
                {
                    goto case State.CDataOpen;
                }

                if (input[position + 1] == (byte)'?')
                {
                    if (!TryReadDeclaration(input, ref position))
                    {
                        return Error == FramingError.None && Suspend(position);
                    }

                    _state = State.Between;
                    goto case State.Between;
                }

                if (_depth == 0 && _place == Place.AfterRoot)
                {
                    return Fail(FramingError.BadFormat);
                }

                if (_depth >= Limits.MaxDepth)
                {
                    return Fail(FramingError.TooDeep);
                }

                if (_depth == 0)
                {
                    _element = _element with { Offset = position };
                }

                position++;
                _mark = position;
                _colon = -1;
                goto case State.TagName;

            case State.TagName:
                _state = State.TagName;
                if (!ScanName(input, ref position))
                {
                    return Error == FramingError.None && Suspend(position);
                }

                PushElement(position);
                _spaceSeen = false;
                goto case State.InTag;

            case State.InTag:
                _state = State.InTag;
                if (position >= input.Length)
                {
                    return Suspend(position);
                }

                if ((classes[input[position]] & Space) != 0)
                {
                    _spaceSeen = true;
                    do
                    {
                        if (++position >= input.Length)
                        {
                            return Suspend(position);
                        }
                    }
                    while ((classes[input[position]] & Space) != 0);
                }

                if (input[position] == (byte)'>')
                {
                    position++;
                    if (!CloseStartTag(input, position, isEmpty: false))
                    {
                        return false;
                    }

                    if (_element.Kind != StreamElementKind.None)
                    {
                        return true;
                    }

                    _mark = position;
                    goto case State.Text;
                }

                if (input[position] == (byte)'/')
                {
                    position++;
                    goto case State.EmptyTag;
                }

                if (!_spaceSeen)
                {
                    return Fail(FramingError.NotWellFormed);
                }

                if (_attributeCount >= Limits.MaxAttributes)
                {
                    return Fail(FramingError.TooManyParts);
                }

                _mark = position;
                _colon = -1;
                goto case State.AttributeName;

            case State.AttributeName:
                _state = State.AttributeName;
                if (!ScanName(input, ref position))
                {
                    return Error == FramingError.None && Suspend(position);
                }

                PushAttribute(position);
                goto case State.BeforeEquals;

            case State.BeforeEquals:
                _state = State.BeforeEquals;
                if (!SkipSpaces(input, ref position))
                {
                    return Suspend(position);
                }

                if (input[position++] != (byte)'=')
                {
                    return Fail(FramingError.NotWellFormed);
                }

                goto case State.BeforeValue;

            case State.BeforeValue:
                _state = State.BeforeValue;
                if (!SkipSpaces(input, ref position))
                {
                    return Suspend(position);
                }

                _mark = ++position;
                if (input[position - 1] == (byte)'\'')
                {
                    goto case State.SingleQuoted;
                }

                if (input[position - 1] == (byte)'"')
                {
                    goto case State.DoubleQuoted;
                }

                return Fail(FramingError.NotWellFormed);

            case State.SingleQuoted:
                _state = State.SingleQuoted;
                if (!ScanValue(input, ref position, PlainSingleQuoted, (byte)'\''))
                {
                    return Error == FramingError.None && Suspend(position);
                }

                goto case State.InTag;

            case State.DoubleQuoted:
                _state = State.DoubleQuoted;
                if (!ScanValue(input, ref position, PlainDoubleQuoted, (byte)'"'))
                {
                    return Error == FramingError.None && Suspend(position);
                }

                goto case State.InTag;

            case State.EmptyTag:
                _state = State.EmptyTag;
                if (position >= input.Length)
                {
                    return Suspend(position);
                }

                if (input[position++] != (byte)'>')
                {
                    return Fail(FramingError.NotWellFormed);
                }

                if (!CloseStartTag(input, position, isEmpty: true))
                {
                    return false;
                }

                if (_element.Kind != StreamElementKind.None || CloseElement(position))
                {
                    return true;
                }

                _mark = position;
                goto case State.Text;

            case State.EndTagName:
                _state = State.EndTagName;
                {
                    // Only what is new is compared: a name that trickles in costs no more than one that comes at once.
                    var name = OpenName(input);
                    var matched = position - _mark;
                    var length = Math.Min(name.Length - matched, input.Length - position);
                    if (!input.Slice(position, length).SequenceEqual(name.Slice(matched, length)))
                    {
                        return Fail(FramingError.NotWellFormed);
                    }

                    position += length;
                    if (matched + length < name.Length || position >= input.Length)
                    {
                        return Suspend(position);
                    }

                    if (input[position] != (byte)'>' && (classes[input[position]] & Space) == 0)
                    {
                        return Fail(FramingError.NotWellFormed);
                    }
                }

                goto case State.EndTagEnd;

            case State.EndTagEnd:
                _state = State.EndTagEnd;
                if (!SkipSpaces(input, ref position))
                {
                    return Suspend(position);
                }

                if (input[position++] != (byte)'>')
                {
                    return Fail(FramingError.NotWellFormed);
                }

                if (CloseElement(position))
                {
                    return true;
                }

                _mark = position;
                goto case State.Text;

            case State.Text:
                _state = State.Text;
                if (!ScanText(input, ref position))
                {
                    return Error == FramingError.None && Suspend(position);
                }

                goto case State.Markup;

            case State.CDataOpen:
                // The three things that "<!" opens differ in their third byte.
                _state = State.CDataOpen;
                {
                    var opening = "<![CDATA["u8;
                    var rest = input[position..];
                    if (rest.Length > 2 && rest[2] != (byte)'[')
                    {
                        return Fail(rest[2] == (byte)'-' || (classes[rest[2]] & NameStart) != 0 ? FramingError.RestrictedXml : FramingError.NotWellFormed);
                    }

                    var length = Math.Min(rest.Length, opening.Length);
                    if (!rest[..length].SequenceEqual(opening[..length]))
                    {
                        return Fail(FramingError.NotWellFormed);
                    }

                    if (length < opening.Length)
                    {
                        return Suspend(position);
                    }

                    if (_depth == 0)
                    {
                        return Fail(FramingError.BadFormat);
                    }

                    position += opening.Length;
                }

                goto case State.CData;

            case State.CData:
                _state = State.CData;
                if (!ScanCData(input, ref position))
                {
                    return Error == FramingError.None && Suspend(position);
                }

                _mark = position;
                goto case State.Text;

            default:
                throw new InvalidOperationException();
        }
    }

    private bool Fail(FramingError error)
    {
        Error = error;
        return false;
    }

    private bool Suspend(int position)
    {
        _position = position;
        return false;
    }
}
