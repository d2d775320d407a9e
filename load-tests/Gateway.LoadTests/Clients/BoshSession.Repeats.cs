using System.Text;

namespace Gateway.LoadTests.Clients;

/// <summary>What broken connections make of a client: requests that are sent twice (XEP-0124 §14.3).</summary>
internal sealed partial class BoshSession
{
    private static readonly TimeSpan RepeatTimeout = TimeSpan.FromSeconds(10);

    // Servers bear a repeat of each request, and few more (BOSH-070): what was repeated once is left alone.
    private readonly HashSet<long> _repeated = [];
    private readonly List<(long Rid, byte[] Request)> _asked = [];
    private (long Rid, byte[] Request, byte[] Response) _answered = (0, [], []);

    /// <summary>Sends the last answered request once more. The answer has to be the same, byte for byte, and nothing may happen twice.</summary>
    /// <returns>False if there is none, or if the session has no request to spare.</returns>
    /// <exception cref="InvalidDataException">It was another.</exception>
    public async Task<bool> RepeatAnsweredAsync()
    {
        (long Rid, byte[] Request, byte[] Response) last;
        lock (_gate)
        {
            FreeConnection(out var busy);
            if (busy >= _requests || !IsOpen || _answered.Rid == 0)
            {
                return false;
            }

            // No new request meanwhile: it would push the answer out of what the server remembers.
            _corks++;
            last = _answered;
            _answered = (0, [], []);
        }

        try
        {
            var repeat = new Repeat();
            using var connection = new HttpConnection(repeat, Settings.Target, Settings.Wire);
            Settings.OnRequest?.Invoke();
            connection.Send(last.Request);
            var response = await repeat.Response.WaitAsync(RepeatTimeout);
            if (!response.AsSpan().SequenceEqual(last.Response))
            {
                throw new InvalidDataException(
                    $"Request {last.Rid} was answered '{Encoding.UTF8.GetString(last.Response)}' and, when it was repeated, '{Encoding.UTF8.GetString(response)}'.");
            }

            return true;
        }
        finally
        {
            Uncork();
        }
    }

    /// <summary>Stops to read, so that answers are on their way that never arrive; then cuts the connections under their requests, and repeats those.</summary>
    /// <returns>False if none was under way.</returns>
    public async Task<bool> CutAsync(TimeSpan unread)
    {
        Pause();
        await Task.Delay(unread);
        lock (_gate)
        {
            _isPaused = false;
            var hasCut = false;
            foreach (var connection in _connections)
            {
                if (connection is not null && !_repeated.Contains(connection.Rid) && connection.CutAndRepeat())
                {
                    hasCut = true;
                    _repeated.Add(connection.Rid);
                    Settings.OnRequest?.Invoke();
                }

                connection?.Resume();
            }

            return hasCut;
        }
    }

    private void RememberRequest(long rid, ReadOnlySpan<byte> body)
    {
        if (Settings.RemembersRequests)
        {
            _asked.Add((rid, body.ToArray()));
        }
    }

    private void RememberResponse(long rid, ReadOnlySpan<byte> body)
    {
        var at = _asked.FindIndex(asked => asked.Rid == rid);
        if (at >= 0)
        {
            _answered = _repeated.Remove(rid) ? (0, [], []) : (rid, _asked[at].Request, body.ToArray());
            _asked.RemoveAt(at);
        }
    }

    private sealed class Repeat : IHttpUser
    {
        private readonly TaskCompletionSource<byte[]> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<byte[]> Response => _response.Task;

        public void OnResponse(HttpConnection connection, ReadOnlySpan<byte> body) => _response.TrySetResult(body.ToArray());

        public void OnFailed(HttpConnection connection, string reason) => _response.TrySetException(new IOException(reason));
    }
}
