using ImagingIngestion.Gateways;
using ImagingIngestion.Grains;
using ImagingIngestion.Options;

namespace ImagingIngestion.Silo;

/// <summary>The all-in-one process: gateways, grains and stores together.</summary>
internal static class SiloApplication
{
    /// <summary>Configuration files are read once: a watcher on them would cost start time, and nothing here changes while it runs.</summary>
    private static readonly string[] HostArguments = ["--hostBuilder:reloadConfigOnChange=false"];

    /// <summary>Runs until it is told to stop; answers the exit code.</summary>
    /// <param name="commandLine">The options of the command line by name.</param>
    /// <param name="cancellationToken">Tells it to stop.</param>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> commandLine, CancellationToken cancellationToken)
    {
        try
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(HostArguments);
            SettingsReader settings = new(
                name => commandLine.GetValueOrDefault(name) ?? builder.Configuration[name],
                key => builder.Configuration.GetSection(key).GetChildren().Select(child => child.Key));
            ImagingOptions options = ImagingOptions.Read(settings);
            if (settings.Mistakes.Count > 0)
            {
                await Console.Error.WriteLineAsync("Cannot start, the configuration has mistakes:\n  " + string.Join("\n  ", settings.Mistakes));
                return 1;
            }

            await using WebApplication app = Build(builder, options);
            await app.StartAsync(cancellationToken);
            await Console.Out.WriteAsync(StartupText.Of(options, [.. app.Urls], app.Services.GetRequiredService<DimseHost>().Port));
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectStoreException or ManifestUnavailableException)
        {
            await Console.Error.WriteLineAsync($"Cannot run: {error.Message}");
            return 1;
        }
    }

    private static WebApplication Build(WebApplicationBuilder builder, ImagingOptions options)
    {
        builder.AddServer(options.Server);
        builder.Services
            .AddObjectStore(options.Storage)
            .AddManifestStore(options.Storage)
            .AddGrains(options.Grains, options.Ingest.DuplicatePolicy)
            .AddRevisions(options.Revisions)
            .AddEventRetention(options.Events)
            .AddDicomWebGateway(options)
            .AddDimseGateway(options)
            .AddChangeFeed(options)
            .AddBindings(options)
            .AddSingleton<StoreProbe>();

        WebApplication app = builder.Build();
        app.MapHealth();
        app.MapDicomWebGateway();
        app.MapChangeFeed();
        app.MapBindings(options.Bindings);
        return app;
    }
}
