using Gateway.Core.Backend.Pools;
using Gateway.Core.Sessions;

namespace Gateway.Management;

/// <summary><c>/health/live</c> and <c>/health/ready</c>.</summary>
internal sealed class Health(IHostApplicationLifetime lifetime, IDrainState drain, BackendTable backends)
{
    /// <summary>The process works.</summary>
    public static Task AnswerLiveAsync(HttpContext http) => http.Response.WriteAsJsonAsync(new { status = "live" }, http.RequestAborted);

    /// <summary>Whether new clients should be sent here, and if not, which check says so.</summary>
    public Task AnswerReadyAsync(HttpContext http)
    {
        var started = lifetime.ApplicationStarted.IsCancellationRequested;
        var staying = !drain.IsDraining && !lifetime.ApplicationStopping.IsCancellationRequested;
        var reaching = !backends.IsDown;
        var ready = started && staying && reaching;
        http.Response.StatusCode = ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return http.Response.WriteAsJsonAsync(
            new
            {
                status = ready ? "ready" : "not-ready",
                checks = new
                {
                    started = started ? "ok" : "starting",
                    drain = staying ? "ok" : "draining",
                    backends = reaching ? "ok" : "down",
                },
            },
            http.RequestAborted);
    }
}
