using Gateway.Hosting;

namespace Gateway.Management;

/// <summary>The management listener's routes: the only place they are named.</summary>
internal static class ManagementBranch
{
    /// <summary>
    /// Splits the pipeline by the listener that a connection came through, never by anything a request says. The branch ends
    /// there: it serves nothing public, and what follows serves nothing of it.
    /// </summary>
    public static IApplicationBuilder UseManagement(this IApplicationBuilder app) =>
        app.MapWhen(http => Listener.Of(http).Kind == ListenerKind.Management, branch =>
        {
            var health = branch.ApplicationServices.GetRequiredService<Health>();
            var metrics = branch.ApplicationServices.GetRequiredService<MetricsEndpoint>();
            var backends = branch.ApplicationServices.GetRequiredService<BackendsApi>();
            branch.UseRouting();
            branch.UseEndpoints(routes =>
            {
                routes.MapGet("/health/live", (RequestDelegate)Health.AnswerLiveAsync);
                routes.MapGet("/health/ready", health.AnswerReadyAsync);
                routes.MapGet("/metrics", metrics.HandleAsync);
                routes.MapGet("/api/backends", backends.AnswerAsync);
            });
            branch.Run(http =>
            {
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        });
}
