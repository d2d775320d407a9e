using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Hosting;

/// <summary>
/// The buffers of Kestrel's connections: larger than its own of 4 KiB, so that a burst of stanzas is one read and one write and not several.
/// They are rented while there is something in them, so a connection at rest costs no more. They live where nothing is moved: among the
/// objects of sessions they would leave holes.
/// </summary>
internal sealed class TransportMemory : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockSize = 16 * 1024;

    /// <summary>Blocks that are kept for later; 8 MiB. What a rush took beyond them the collector gets back.</summary>
    private const int MostKept = 512;

    private static readonly ConcurrentQueue<Block> Kept = new();
    private static int _kept;

    /// <summary>The one that the next rent on this thread gets: its bytes are in the processor's cache.</summary>
    [ThreadStatic]
    private static Block? _latest;

    /// <inheritdoc/>
    public override int MaxBufferSize => BlockSize;

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        var block = _latest;
        _latest = null;
        if (block is null && Kept.TryDequeue(out block))
        {
            Interlocked.Decrement(ref _kept);
        }

        return block ?? new Block();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // All pools of the process share their blocks.
    }

    private sealed class Block : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);

        public void Dispose()
        {
            if (_latest is null)
            {
                _latest = this;
            }
            else if (Volatile.Read(ref _kept) < MostKept)
            {
                Interlocked.Increment(ref _kept);
                Kept.Enqueue(this);
            }
        }
    }
}
