using System.Net.Sockets;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Commands;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Settings;
using ImagingIngestion.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ImagingIngestion.Gateways;

/// <summary>A process from its configuration to its exit code, whatever its roles are.</summary>
public static class ServerHost
{
    /// <summary>Reads configuration files once: a watcher would cost start time, and no setting changes while the process runs.</summary>
    private static readonly string[] HostArguments = ["--hostBuilder:reloadConfigOnChange=false"];

    /// <summary>Runs until it is stopped; returns the exit code.</summary>
    /// <param name="kind">The executable, which decides what roles there may be.</param>
    /// <param name="commandLine">The options of the command line by name.</param>
    /// <param name="addGrains">Registers the grains: here, or in other processes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<int> RunAsync(
        ProcessKind kind,
        IReadOnlyDictionary<string, string?> commandLine,
        Action<IServiceCollection, ProcessSettings> addGrains,
        CancellationToken cancellationToken)
    {
        NativeMemory.Bound();
        try
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(HostArguments);
            ProcessSettings settings = ReadSettings(builder, kind, commandLine);
            RoleOptions roles = settings.Get<RoleOptions>();
            builder.AddProcess(settings, addGrains);
            await using WebApplication app = builder.Build();
            if (!await IsValidAsync(app, cancellationToken))
            {
                return 1;
            }

            await app.OpenStoresAsync(roles, cancellationToken);
            app.MapGateways(roles);
            await app.StartAsync(cancellationToken);
            int? dimsePort = roles.Has(ProcessRoles.Dimse) ? app.Services.GetRequiredService<DimseHost>().Port : null;
            await Console.Out.WriteAsync(StartupText.Of(settings, [.. app.Urls], dimsePort));
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.AccessDenied)
        {
            await Console.Error.WriteLineAsync(
                "Cannot run: this user may not listen on a port of Server:Urls (those below 1024 are for root). Choose another port, or "
                    + "give the program the right CAP_NET_BIND_SERVICE.");
            return 1;
        }
        catch (SocketException error)
        {
            await Console.Error.WriteLineAsync(
                $"Cannot run: an address of Server:Urls cannot be listened on ({error.SocketErrorCode}). Choose another with Server:Urls.");
            return 1;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectStoreException or ManifestUnavailableException)
        {
            await Console.Error.WriteLineAsync($"Cannot run: {error.Message}");
            return 1;
        }
    }

    /// <summary>Compares manifest and objects; returns the exit code, 0 if no object is missing or damaged.</summary>
    /// <param name="kind">The executable.</param>
    /// <param name="commandLine">The options of the command line by name.</param>
    /// <param name="order">What else to do.</param>
    /// <param name="cancellationToken">Ends the comparison.</param>
    public static async Task<int> CheckAsync(
        ProcessKind kind, IReadOnlyDictionary<string, string?> commandLine, CheckOrder order, CancellationToken cancellationToken)
    {
        try
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(HostArguments);
            ProcessSettings settings = ReadSettings(builder, kind, commandLine);
            builder.Services.AddOptionsOf(settings).AddStores(settings, new RoleOptions { Roles = ProcessRoles.Stow }, serves: false);
            await using WebApplication app = builder.Build();
            if (!await IsValidAsync(app, cancellationToken))
            {
                return 1;
            }

            await app.Services.GetRequiredService<StoreOpener>().OpenAsync(cancellationToken);
            ISweepLedger ledger = app.Services.GetRequiredService<ISweepLedger>();
            IObjectStore objects = app.Services.GetRequiredService<IObjectStore>();
            ProviderName space = settings.Get<ProviderOptions>().Space;
            DamageCheck damage = new(
                app.Services.GetRequiredService<IContentLedger>(), ledger, objects, app.Services.GetRequiredService<IDamagedObjects>(),
                space, TimeProvider.System, Console.Out);
            if (order.Arms)
            {
                await app.Services.GetRequiredService<StoreMark>().AdoptAsync(cancellationToken);
            }

            bool isRead = !order.ReadsContent || await damage.ReadAsync(order, cancellationToken);
            bool isWhole =
                await new StorageCheck(ledger, objects, space, TimeProvider.System, Console.Out).RunAsync(order.Arms, cancellationToken);
            bool isGood = await damage.ListAsync(cancellationToken);
            return isRead && isWhole && isGood ? 0 : 1;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectStoreException or ManifestUnavailableException)
        {
            await Console.Error.WriteLineAsync($"Cannot check: {error.Message}");
            return 1;
        }
    }

    /// <summary>Reads the settings; <see cref="IsValidAsync"/> finds the mistakes in them.</summary>
    private static ProcessSettings ReadSettings(
        WebApplicationBuilder builder, ProcessKind kind, IReadOnlyDictionary<string, string?> commandLine)
    {
        SettingsSources.AddTo(builder.Configuration, commandLine);
        return ProcessSettings.Read(builder.Configuration, ProcessSections.Of(kind));
    }

    /// <summary>Returns whether the process may start; prints every mistake in the settings if not.</summary>
    private static async Task<bool> IsValidAsync(WebApplication app, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> mistakes = ProcessSettings.Validate(app.Services);
        if (mistakes.Count > 0)
        {
            await Console.Error.WriteLineAsync(
                ("Cannot start, the configuration has mistakes:\n  " + string.Join("\n  ", mistakes)).AsMemory(), cancellationToken);
        }

        return mistakes.Count == 0;
    }

    /// <summary>Registers what the roles of the process need; what is added first stops last.</summary>
    internal static void AddProcess(
        this WebApplicationBuilder builder, ProcessSettings settings, Action<IServiceCollection, ProcessSettings> addGrains)
    {
        RoleOptions roles = settings.Get<RoleOptions>();
        builder.AddServer(settings);
        builder.Services.AddOptionsOf(settings).AddStores(settings, roles);
        addGrains(builder.Services, settings);
        builder.Services.AddGateways(roles);
    }

    /// <summary>Opens the stores before anything listens.</summary>
    internal static async Task OpenStoresAsync(this WebApplication app, RoleOptions roles, CancellationToken cancellationToken)
    {
        await app.Services.GetRequiredService<StoreOpener>().OpenAsync(cancellationToken);
        if (roles.UsesObjects)
        {
            await app.Services.GetRequiredService<StoreMark>().OpenAsync(
                roles.Has(ProcessRoles.Stow | ProcessRoles.Dimse), cancellationToken);
        }
    }
}
