using System.CommandLine;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Commands;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Gateways;

/// <summary>The command line of a server: settings as options, and the commands that look after a running one.</summary>
public static class ServerCommand
{
    /// <summary>How many options are about listening; the others are about where data is kept.</summary>
    private const int OwnOptions = 2;

    private static readonly CommandOption Urls = new(
        ServerOptions.Section["Urls"], "urls", "Addresses to listen on, separated by semicolons. Default: http://127.0.0.1:8080");
    private static readonly CommandOption DimsePort = new(
        DimseOptions.Section["Port"], "port", "Port of DIMSE; 0 takes a free one, off turns it off. Default: 11112");
    private static readonly CommandOption Folders = new(
        SettingsSources.Section["Folders"],
        "folders",
        "Folders whose files are settings, such as mounted Secrets, separated by semicolons");

    /// <summary>Runs until Ctrl-C or SIGTERM; the exit code is 0 after a clean stop.</summary>
    /// <param name="kind">The executable.</param>
    /// <param name="args">The command line.</param>
    /// <param name="description">What the program does, in a sentence.</param>
    /// <param name="more">The options that not every server has.</param>
    /// <param name="run">Runs the server with the options that were given, by name.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Task<int> InvokeAsync(
        ProcessKind kind,
        string[] args,
        string description,
        IEnumerable<CommandOption> more,
        Func<IReadOnlyDictionary<string, string?>, CancellationToken, Task<int>> run,
        CancellationToken cancellationToken)
    {
        RootCommand command = new(description);
        List<Option<string>> options = [];
        foreach (CommandOption row in (CommandOption[])[Urls, DimsePort, Folders, .. more])
        {
            Option<string> option = new(row.Setting.CommandLine!) { Description = row.Description, HelpName = row.Value };
            command.Options.Add(option);
            options.Add(option);
        }

        command.Subcommands.Add(BindingCommands.Create());
        command.Subcommands.Add(CheckCommand.Create(
            options[OwnOptions..], (commandLine, order, token) => ServerHost.CheckAsync(kind, commandLine, order, token)));
        command.Subcommands.Add(SettingsCommand.Create());
        command.SetAction((parsed, token) => run(options.ToDictionary(option => option.Name, option => parsed.GetValue(option)), token));

        // The host reacts to signals itself: it drains, and the exit code tells how that went.
        return command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, cancellationToken);
    }
}
