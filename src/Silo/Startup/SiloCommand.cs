using System.CommandLine;
using ImagingIngestion.Options;

namespace ImagingIngestion.Silo;

/// <summary>The command line of the all-in-one process.</summary>
internal static class SiloCommand
{
    private static readonly (Setting Setting, string Value, string Description)[] Rows =
    [
        (ServerOptions.UrlsSetting, "urls", "Addresses to listen on, parted by semicolons. Default: http://127.0.0.1:8080"),
        (DimseOptions.PortSetting, "port", "Port of DIMSE; 0 takes a free one, off turns it off. Default: 11112"),
        (StorageOptions.DataSetting, "folder", "Folder that holds the objects and the manifest. Default: ./data"),
        (StorageOptions.ObjectsSetting, "folder", "Folder of the objects. Default: objects in the data folder"),
        (StorageOptions.ManifestSetting, "file", "SQLite file of the manifest. Default: manifest.db in the data folder"),
    ];

    /// <summary>Runs until Ctrl-C or SIGTERM; the exit code is 0 after a clean stop.</summary>
    public static Task<int> InvokeAsync(string[] args, CancellationToken cancellationToken)
    {
        RootCommand command = new("Takes DICOM instances in over DICOMweb and DIMSE, keeps them, finds them and gives them back, all in one process.");
        List<(string Name, Option<string> Option)> options = [];
        foreach ((Setting setting, string value, string description) in Rows)
        {
            Option<string> option = new(setting.CommandLine!) { Description = description, HelpName = value };
            command.Options.Add(option);
            options.Add((setting.CommandLine!, option));
        }

        command.Subcommands.Add(BindingCommands.Create());
        command.SetAction((parsed, token) => SiloApplication.RunAsync(
            options.ToDictionary(row => row.Name, row => parsed.GetValue(row.Option)), token));

        // The host reacts to signals itself: it drains, and the exit code tells how that went.
        return command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, cancellationToken);
    }
}
