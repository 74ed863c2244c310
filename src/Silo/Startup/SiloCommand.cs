using ImagingIngestion.Gateways;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Commands;
using ImagingIngestion.Storage;

namespace ImagingIngestion.Silo.Startup;

/// <summary>The command line of the silo executable.</summary>
internal static class SiloCommand
{
    private static readonly CommandOption[] Options =
    [
        new(RoleOptions.OfSilo["Roles"], "roles", "silo hosts the grains of a cluster alone. Default: all, everything in this process"),
        new(StorageOptions.Section["Data"], "folder", "Folder that holds the objects and the manifest. Default: ./data"),
        new(StorageOptions.Section["Objects"], "folder", "Folder of the objects. Default: objects in the data folder"),
        new(StorageOptions.Section["Manifest"], "file", "SQLite file of the manifest. Default: manifest.db in the data folder"),
    ];

    /// <summary>Runs until Ctrl-C or SIGTERM; the exit code is 0 after a clean stop.</summary>
    public static Task<int> InvokeAsync(string[] args, CancellationToken cancellationToken) => ServerCommand.InvokeAsync(
        ProcessKind.Silo,
        args,
        "Takes DICOM instances in over DICOMweb and DIMSE, keeps them, finds them and gives them back, all in one process, or hosts the "
            + "grains of a cluster.",
        Options,
        (commandLine, token) => ServerHost.RunAsync(ProcessKind.Silo, commandLine, SiloServices.Add, token),
        cancellationToken);
}
