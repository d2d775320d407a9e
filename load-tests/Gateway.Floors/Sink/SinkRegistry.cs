using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.Floors.Sink;

/// <summary>Who is bound, by full JID.</summary>
internal sealed class SinkRegistry
{
    private readonly ConcurrentDictionary<byte[], SinkOutbox> _bound;
    private readonly ConcurrentDictionary<byte[], SinkOutbox>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private int _last;

    /// <summary>Makes one with nobody in it.</summary>
    public SinkRegistry()
    {
        _bound = new ConcurrentDictionary<byte[], SinkOutbox>(new ByteComparer());
        _lookup = _bound.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>A number for a local part that nobody has.</summary>
    public int NextNumber() => Interlocked.Increment(ref _last);

    /// <summary>Binds.</summary>
    public void Add(byte[] jid, SinkOutbox outbox) => _bound[jid] = outbox;

    /// <summary>Forgets.</summary>
    public void Remove(byte[] jid) => _bound.TryRemove(jid, out _);

    /// <summary>Who has it, compared byte for byte.</summary>
    public bool TryGet(ReadOnlySpan<byte> jid, [NotNullWhen(true)] out SinkOutbox? outbox) => _lookup.TryGetValue(jid, out outbox);

    private sealed class ByteComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
