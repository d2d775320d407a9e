using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gateway.Configuration;
using Gateway.Hosting;

namespace Gateway.Commands;

/// <summary><c>gateway run</c>: until SIGTERM or Ctrl-C.</summary>
internal static class RunCommand
{
    /// <summary>Of the process and not of the gateway: a SIGHUP that meets the last moments of a drain is no reason to end in another way.</summary>
    private static PosixSignalRegistration? _hangUp;

    /// <summary>Starts the gateway and waits for its end.</summary>
    public static async Task<int> RunAsync(Invocation invocation, TextWriter output, TextWriter error)
    {
        GatewayHost? gateway = null;
        try
        {
            var builder = Program.CreateBuilder(invocation);
            var options = GatewayOptions.Bind(builder.Configuration);
            gateway = await Program.BuildAsync(builder, options);
            using var impatience = new SecondSignal(() => error.WriteLine("Stopped at once by a second signal."));
            if (!options.Demo.Enabled)
            {
                // The demo runs in somebody's terminal, and ends with it.
                _hangUp = OnHangUp(gateway.App.Services.GetRequiredService<ConfigurationReload>());
            }

            await gateway.App.StartAsync();
            gateway.Announce(output);
            await gateway.App.WaitForShutdownAsync();
            return ExitCode.Success;
        }
        catch (InvalidConfigurationException problem)
        {
            return GatewayCommand.Refuse(problem, error);
        }
        catch (Exception problem) when (problem is IOException or SocketException)
        {
            // A port that is taken or not allowed, most of all.
            await error.WriteLineAsync($"The gateway could not start: {problem.Message}");
            return ExitCode.Failure;
        }
        finally
        {
            if (gateway is not null)
            {
                await gateway.DisposeAsync();
            }
        }
    }

    private static PosixSignalRegistration OnHangUp(ConfigurationReload reload) => PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
    {
        signal.Cancel = true;
        reload.Ask();
    });
}
