using System.Text;
using Gateway.Fuzz.Inputs;
using Gateway.Fuzz.Live;

namespace Gateway.Fuzz.Targets;

/// <summary>WebSocket frames behind a right handshake: lengths, masks, opcodes, reserved bits, fragments with control frames between, any text.</summary>
internal sealed class FramesTarget(FuzzedGateway gateway) : LiveTarget(gateway)
{
    private const string Open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>";
    private const string Close = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";
    private static readonly byte[] Opcodes = [0x0, 0x1, 0x2, 0x3, 0x7, 0x8, 0x9, 0xA, 0xB, 0xF];

    /// <inheritdoc/>
    public override string Name => "frames";

    /// <inheritdoc/>
    public override byte[] Generate(Random random)
    {
        var frames = new List<byte>(random.Next(10) == 0 ? Frame(random) : Frames.Masked(0x81, Encoding.UTF8.GetBytes(Open), (uint)random.Next()));
        for (var i = random.Next(6); i > 0; i--)
        {
            frames.AddRange(random.Next(6) == 0 ? Fragments(random) : Frame(random));
        }

        byte[] bytes = [.. frames];
        return random.Next(3) == 0 ? Mutator.Mutate(random, bytes, Frame(random)) : bytes;
    }

    /// <inheritdoc/>
    public override async Task RunAsync(byte[] input)
    {
        var random = InputSeed.Numbers(input);
        await using var client = await RawClient.ConnectAsync(Gateway.Public);
        if (random.Next(2) == 0)
        {
            await client.SendAsync(Frames.Handshake);
            await client.ListenAsync();
            await client.SendAsync(input, InputSeed.Cuts(random, input.Length));
        }
        else
        {
            byte[] all = [.. Frames.Handshake, .. input];
            await client.SendAsync(all, InputSeed.Cuts(random, all.Length));
        }

        if (random.Next(3) > 0)
        {
            await client.ListenAsync();
        }

        if (random.Next(8) > 0)
        {
            await client.FinishAsync();
            Frames.Check(HttpAnswers.Check(client.Received));
        }
    }

    private static byte[] Frame(Random random)
    {
        var first = random.Next(5) == 0 ? (byte)((random.Next(16) << 4) | Opcodes[random.Next(Opcodes.Length)]) : (byte)0x81;
        var payload = (first & 0xF) switch
        {
            8 => random.Next(3) == 0 ? Mutator.Piece(random) : [0x03, 0xE8, .. "bye"u8],
            9 or 10 => Mutator.Piece(random),
            _ => Text(random),
        };
        var frame = Frames.Masked(first, payload, random.Next(10) == 0 ? 0 : (uint)random.Next());
        switch (random.Next(20))
        {
            case 0: // no mask
                frame[1] &= 0x7F;
                break;
            case 1: // another length
                frame[1] = (byte)(0x80 | random.Next(128));
                break;
            case 2: // a length of eight bytes
                frame = [first, 0xFF, (byte)random.Next(256), .. new byte[6], (byte)payload.Length, .. frame[^(payload.Length + 4)..]];
                break;
            default:
                break;
        }

        return frame;
    }

    private static List<byte> Fragments(Random random)
    {
        var text = Text(random);
        var result = new List<byte>();
        var start = 0;
        var opcode = 1;
        while (start < text.Length)
        {
            var length = random.Next(0, Math.Min(40, text.Length - start) + 1);
            var isLast = start + length == text.Length;
            result.AddRange(Frames.Masked((byte)((isLast ? 0x80 : 0) | opcode), text.AsSpan(start, length), (uint)random.Next()));
            start += length;
            opcode = 0;
            if (random.Next(3) == 0)
            {
                result.AddRange(Frames.Masked(0x89, Mutator.Piece(random), (uint)random.Next()));
            }
        }

        return result;
    }

    private static byte[] Text(Random random) => random.Next(8) switch
    {
        0 => Encoding.UTF8.GetBytes(Close),
        1 => Encoding.UTF8.GetBytes(Open),
        2 => Encoding.UTF8.GetBytes("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>"),
        3 => Encoding.UTF8.GetBytes("<message xmlns='jabber:client' to='a@example.org'><body>x</body></message>"),
        _ => XmlInput.Broken(random, XmlInput.Document),
    };
}
