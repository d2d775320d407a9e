using Gateway.Configuration;

namespace Gateway.Commands;

/// <summary><c>gateway check</c>: what would be used, and from where; nothing is started.</summary>
internal static class CheckCommand
{
    /// <summary>Prints the values in force, or the errors.</summary>
    public static int Run(Invocation invocation, TextWriter output, TextWriter error)
    {
        try
        {
            var builder = Program.CreateBuilder(invocation);
            GatewayOptions.TryBind(builder.Configuration, out var findings);
            if (findings.Errors.Count > 0)
            {
                return GatewayCommand.Refuse(new InvalidConfigurationException(findings.Errors), error);
            }

            output.WriteLine($"Environment: {builder.Environment.EnvironmentName}");
            var width = findings.Values.Select(v => v.Path.Length + v.Value.Length).DefaultIfEmpty().Max();
            foreach (var value in findings.Values)
            {
                var padding = new string(' ', width - value.Path.Length - value.Value.Length);
                output.WriteLine($"{value.Path} = {value.Value}{padding}  ({value.Source})");
            }

            output.WriteLine("The configuration is valid.");
            return ExitCode.Success;
        }
        catch (InvalidConfigurationException problem)
        {
            return GatewayCommand.Refuse(problem, error);
        }
    }
}
