using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.LoadTests.Clients;

/// <summary>One connection: sends are combined while a former one is under way, received bytes are handed on where they arrive.</summary>
internal sealed partial class Wire : IDisposable
{
    private const int BufferBytes = 16 * 1024;
    private const int MostReadsAtOnce = 16;

    /// <summary>The certificate was made for this run and anything is accepted; what is not looked at (the system's roots above all) costs nothing.</summary>
    private static readonly X509ChainPolicy NoChain = new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };

    private readonly IWireUser _user;
    private readonly WireSettings _settings;
    private readonly Socket _socket;
    private SslStream? _tls;
    private TaskCompletionSource? _pause;
    private int _ended;

    /// <summary>Makes one that is not connected yet.</summary>
    public Wire(IWireUser user, WireSettings settings, AddressFamily family)
    {
        _user = user;
        _settings = settings;
        _socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (settings.ReceiveBufferBytes > 0)
        {
            _socket.ReceiveBufferSize = settings.ReceiveBufferBytes;
        }
    }

    /// <summary>Connects, shakes hands, and begins to read.</summary>
    public async Task ConnectAsync(LoadTarget target, CancellationToken cancellationToken)
    {
        await _socket.ConnectAsync(target.EndPoint, cancellationToken);
        if (target.IsTls)
        {
            _tls = new SslStream(new NetworkStream(_socket, ownsSocket: false), leaveInnerStreamOpen: false);
            await _tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = target.Host,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                    // Every login is one of a client that was never here before.
                    AllowTlsResume = false,
                    CertificateChainPolicy = NoChain,
#pragma warning disable CA5359 // Loopback only: the certificate was made for this run.
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
                },
                cancellationToken);
        }

        lock (_gate)
        {
            _isConnected = true;
        }

        _ = ReadAsync();
        Flush();
    }

    /// <summary>Stops reading, once the read that is under way is done.</summary>
    public void Pause() => Interlocked.CompareExchange(ref _pause, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), comparand: null);

    /// <summary>Reads on.</summary>
    public void Resume() => Interlocked.Exchange(ref _pause, value: null)?.TrySetResult();

    /// <summary>Ends without a word: the peer sees a reset.</summary>
    public void Vanish()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            try
            {
                _socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Gone before.
            }
        }

        Free();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Interlocked.Exchange(ref _ended, 1);
        Free();
    }

    private async Task ReadAsync()
    {
        var buffer = Array.Empty<byte>();
        int start = 0, end = 0, reads = 0;
        try
        {
            while (true)
            {
                if (_pause is { } pause)
                {
                    await pause.Task;
                }

                if (start == end)
                {
                    start = end = 0;
                    if (_settings.HoldsNoBuffers)
                    {
                        GiveBack(ref buffer);
                        await ReadSomeAsync(Memory<byte>.Empty);
                    }
                }

                MakeRoom(ref buffer, ref start, ref end);
                var read = ReadSomeAsync(buffer.AsMemory(end));
                reads = read.IsCompleted ? reads + 1 : 0;
                var count = await read;
                if (reads == MostReadsAtOnce)
                {
                    // Megabytes are waiting here, and others on the thread that they all share.
                    reads = 0;
                    await Task.Yield();
                }

                if (count == 0)
                {
                    End("closed by the peer");
                    return;
                }

                end += count;
                Cork();
                try
                {
                    start += _user.Received(buffer.AsSpan(start, end - start));
                }
                finally
                {
                    Uncork();
                }
            }
        }
#pragma warning disable CA1031 // Whatever it is, it is this session's end, and counted.
        catch (Exception e)
#pragma warning restore CA1031
        {
            End(e is SocketException socket ? socket.SocketErrorCode.ToString() : e.Message);
        }
        finally
        {
            GiveBack(ref buffer);
        }
    }

    private ValueTask<int> ReadSomeAsync(Memory<byte> buffer) =>
        _tls is null ? _socket.ReceiveAsync(buffer) : _tls.ReadAsync(buffer);

    private static void MakeRoom(ref byte[] buffer, ref int start, ref int end)
    {
        if (buffer.Length == 0)
        {
            buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        }

        if (buffer.Length - end >= buffer.Length / 4)
        {
            return;
        }

        var length = end - start;
        var target = length > buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(buffer.Length * 2) : buffer;
        buffer.AsSpan(start, length).CopyTo(target);
        if (target != buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = target;
        }

        start = 0;
        end = length;
    }

    private static void GiveBack(ref byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = [];
        }
    }

    private void End(string reason)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            Free();
            _user.Lost(reason);
        }
    }

    private void Free()
    {
        lock (_gate)
        {
            _isConnected = false;
            _pending.Clear();
        }

        Resume();
        _socket.Dispose();
        _tls?.Dispose();
    }
}
