using System.Buffers;

namespace Gateway.Xmpp.Buffers;

/// <summary>Bytes collected in a rented array. Rents at the first write, gives back at <see cref="Clear"/>: it holds nothing while idle.</summary>
public sealed class PooledByteWriter : IBufferWriter<byte>, IDisposable
{
    private byte[] _bytes = [];

    /// <summary>Bytes written.</summary>
    public int WrittenCount { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _bytes.AsSpan(0, WrittenCount);

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, WrittenCount);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - WrittenCount));
        WrittenCount += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsMemory(WrittenCount);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsSpan(WrittenCount);
    }

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Ensure(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(WrittenCount));
        WrittenCount += bytes.Length;
    }

    /// <summary>Overwrites bytes that were written before, such as a length that was not known yet.</summary>
    public Span<byte> Written(int offset, int length) => _bytes.AsSpan(0, WrittenCount).Slice(offset, length);

    /// <summary>Takes back what was written behind <paramref name="length"/>.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)WrittenCount);
        WrittenCount = length;
    }

    /// <summary>Forgets what was written and gives the array back.</summary>
    public void Clear()
    {
        WrittenCount = 0;
        if (_bytes.Length > 0)
        {
            var bytes = _bytes;
            _bytes = [];
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private void Ensure(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (_bytes.Length - WrittenCount >= needed)
        {
            return;
        }

        var bigger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(1024, checked(WrittenCount + needed)), Math.Min(_bytes.Length * 2, 1 << 30)));
        _bytes.AsSpan(0, WrittenCount).CopyTo(bigger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = bigger;
    }
}
