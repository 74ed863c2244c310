using System.Net.Sockets;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Hosting.Commands;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
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
        Action<IServiceCollection, ImagingOptions> addGrains,
        CancellationToken cancellationToken)
    {
        NativeMemory.Bound();
        try
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(HostArguments);
            if (await TryReadAsync(builder, kind, commandLine, cancellationToken) is not { } options)
            {
                return 1;
            }

            builder.AddProcess(options, addGrains);
            await using WebApplication app = builder.Build();
            await app.OpenStoresAsync(options, cancellationToken);
            app.MapGateways(options);
            await app.StartAsync(cancellationToken);
            int? dimsePort = options.Has(ProcessRoles.Dimse) ? app.Services.GetRequiredService<DimseHost>().Port : null;
            await Console.Out.WriteAsync(StartupText.Of(options, [.. app.Urls], dimsePort));
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
            if (await TryReadAsync(builder, kind, commandLine, cancellationToken) is not { } options)
            {
                return 1;
            }

            builder.Services.AddStores(options with { Roles = ProcessRoles.Stow }, serves: false);
            await using WebApplication app = builder.Build();
            await app.Services.GetRequiredService<StoreOpener>().OpenAsync(cancellationToken);
            ISweepLedger ledger = app.Services.GetRequiredService<ISweepLedger>();
            IObjectStore objects = app.Services.GetRequiredService<IObjectStore>();
            ProviderName space = new(options.Provider.Name);
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

    /// <summary>Reads the options; returns null after it has written the mistakes in them.</summary>
    private static async Task<ImagingOptions?> TryReadAsync(
        WebApplicationBuilder builder,
        ProcessKind kind,
        IReadOnlyDictionary<string, string?> commandLine,
        CancellationToken cancellationToken)
    {
        SettingsReader settings = new(
            name => commandLine.GetValueOrDefault(name) ?? builder.Configuration[name],
            key => builder.Configuration.GetSection(key).GetChildren().Select(child => child.Key));
        ImagingOptions options = ImagingOptions.Read(settings, kind);
        if (settings.Mistakes.Count == 0)
        {
            return options;
        }

        await Console.Error.WriteLineAsync(
            ("Cannot start, the configuration has mistakes:\n  " + string.Join("\n  ", settings.Mistakes)).AsMemory(), cancellationToken);
        return null;
    }

    /// <summary>Registers what the roles of the process need; what is added first stops last.</summary>
    internal static void AddProcess(
        this WebApplicationBuilder builder, ImagingOptions options, Action<IServiceCollection, ImagingOptions> addGrains)
    {
        builder.AddServer(options.Server, options.Ingest);
        builder.Services.AddStores(options);
        addGrains(builder.Services, options);
        builder.Services.AddGateways(options);
    }

    /// <summary>Opens the stores before anything listens.</summary>
    internal static async Task OpenStoresAsync(this WebApplication app, ImagingOptions options, CancellationToken cancellationToken)
    {
        await app.Services.GetRequiredService<StoreOpener>().OpenAsync(cancellationToken);
        if (options.UsesObjects)
        {
            await app.Services.GetRequiredService<StoreMark>().OpenAsync(
                options.Has(ProcessRoles.Stow | ProcessRoles.Dimse), cancellationToken);
        }
    }
}
