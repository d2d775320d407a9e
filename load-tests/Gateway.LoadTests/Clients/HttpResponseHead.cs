using System.Buffers.Text;
using System.Text;

namespace Gateway.LoadTests.Clients;

/// <summary>What of a response's head matters here: status, length, and whether the connection stays.</summary>
internal readonly record struct HttpResponseHead(int Bytes, int Status, int ContentLength, bool Closes)
{
    /// <summary>Reads it.</summary>
    /// <returns>False while it is not complete.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out HttpResponseHead head)
    {
        head = default;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var lines = bytes[..(end + 2)];
        if (!lines.StartsWith("HTTP/1."u8) || !Utf8Parser.TryParse(lines.Slice(9, 3), out int status, out _))
        {
            throw new InvalidDataException($"No HTTP response: {Encoding.ASCII.GetString(lines[..Math.Min(lines.Length, 60)])}");
        }

        var length = -1;
        var closes = lines[7] == (byte)'0';
        while (lines.IndexOf("\r\n"u8) is var line && line + 2 < lines.Length)
        {
            lines = lines[(line + 2)..];
            if (lines[0] is not ((byte)'c' or (byte)'C'))
            {
                continue;
            }

            if (Value(lines, "content-length:"u8) is { IsEmpty: false } number)
            {
                _ = Utf8Parser.TryParse(number, out length, out _);
            }
            else if (Value(lines, "connection:"u8) is { IsEmpty: false } connection)
            {
                closes = Ascii.EqualsIgnoreCase(connection, "close"u8);
            }
        }

        if (length < 0)
        {
            throw new InvalidDataException("A response without Content-Length.");
        }

        head = new HttpResponseHead(end + 4, status, length, closes);
        return true;
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> lines, ReadOnlySpan<byte> name)
    {
        if (lines.Length < name.Length || !Ascii.EqualsIgnoreCase(lines[..name.Length], name))
        {
            return default;
        }

        var value = lines[name.Length..];
        return value[..value.IndexOf((byte)'\r')].Trim((byte)' ');
    }
}
