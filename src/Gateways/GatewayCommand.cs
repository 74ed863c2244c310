using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Commands;
using ImagingIngestion.Hosting.Health;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Settings;
using ImagingIngestion.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways;

/// <summary>The command line of the gateway executable.</summary>
internal static class GatewayCommand
{
    private static readonly CommandOption[] Options =
    [
        new(
            RoleOptions.OfGateway["Roles"],
            "roles",
            "What the process hosts, separated by commas: stow, wado, dimse, binding. Must be given"),
        new(StorageOptions.Section["SharedObjects"], "folder", "Folder of the objects that all processes share, where there is no bucket"),
    ];

    /// <summary>Runs until Ctrl-C or SIGTERM; the exit code is 0 after a clean stop.</summary>
    public static Task<int> InvokeAsync(string[] args, CancellationToken cancellationToken) => ServerCommand.InvokeAsync(
        ProcessKind.Gateway,
        args,
        "Hosts gateways of a cluster: instances in and out over DICOMweb and DIMSE, and deliveries to bindings. The grains are called in "
            + "the silos.",
        Options,
        (commandLine, token) => ServerHost.RunAsync(ProcessKind.Gateway, commandLine, GatewayGrains.Add, token),
        cancellationToken);
}

/// <summary>Registers the grains of a gateway process: those of the silos.</summary>
internal static class GatewayGrains
{
    /// <summary>Registers calls to the silos, if a role of the process needs any.</summary>
    public static void Add(IServiceCollection services, ProcessSettings settings)
    {
        RoleOptions roles = settings.Get<RoleOptions>();
        ClusterOptions cluster = settings.Get<ClusterOptions>();
        if (!roles.CallsGrains || cluster.Key is null)
        {
            return;
        }

        services.AddRemoteGrains(cluster);

        // A process that also searches and retrieves stays ready without a silo; senders are told to try later.
        services.AddReadinessCheck(
            "silos",
            ReadinessScope.Writing,
            provider => new SiloCheck(provider.GetRequiredService<ISiloTable>(), provider.GetRequiredService<ClusterOptions>()),
            isNeeded: !roles.Has(ProcessRoles.Wado));
    }
}
