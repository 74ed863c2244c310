using ImagingIngestion.Hosting.Health;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagingIngestion.Hosting.Stores;

/// <summary>Registers the stores of the settings.</summary>
public static class StoreRegistration
{
    private static readonly TimeSpan TrustInBucket = TimeSpan.FromSeconds(20);

    /// <summary>Registers the stores that the roles of the process use; <see cref="StoreOpener"/> opens them.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The settings of the stores.</param>
    /// <param name="serves">False for a command that runs beside the process that serves from the stores.</param>
    public static IServiceCollection AddStores(this IServiceCollection services, ImagingOptions options, bool serves = true)
    {
        services.AddSupervision();
        services.AddSingleton(
            provider => new StoreOpener(options, provider.GetRequiredService<Supervision>(), provider.GetService<UploadMemory>));
        services.AddSingleton(_ => OpenFileShares.Measure(options));
        services.AddSingleton<IReadinessCheck>(
            provider => new ManifestCheck(provider.GetRequiredService<IStoreHealth>(), ReadinessScope.Reading));
        services.AddSingleton<IReadinessCheck>(
            provider => new ManifestCheck(provider.GetRequiredService<IStoreHealth>(), ReadinessScope.Writing));
        if (options.UsesObjects)
        {
            services.AddObjects(options);
        }

        return options.Database is null ? services.AddManifestStore(options.Storage, serves) : services.AddPostgres();
    }

    /// <summary>Keeps objects in a folder.</summary>
    public static IServiceCollection AddObjectStore(this IServiceCollection services, StorageOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<IObjectStore>(provider =>
        {
            OpenFileShares shares = provider.GetService<OpenFileShares>() ?? OpenFileShares.Unlimited;
            FolderFiles files = new() { Uploads = shares.Uploads, KeptReads = shares.KeptReads };
            return FolderObjectStore.Open(options.ObjectsFolder, provider.GetRequiredService<TimeProvider>(), options.MinFreeBytes, files);
        });
    }

    /// <summary>Keeps the manifest in a SQLite file.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The location.</param>
    /// <param name="serves">No other process may serve from it.</param>
    public static IServiceCollection AddManifestStore(this IServiceCollection services, StorageOptions options, bool serves = false)
    {
        SqliteManifestOptions manifest = new(
            options.ManifestFile) { Serves = serves, ObjectsFolder = options.ObjectsFolder, BeginsAnew = options.BeginsAnew };
        services.AddSupervision();
        services.AddSingleton(provider => SqliteManifestStore.Open(manifest, provider.GetRequiredService<Supervision>()));
        services.AddSingleton<IBacklog>(provider => provider.GetRequiredService<SqliteManifestStore>());
        services.AddSingleton<IReadinessCheck, ManifestFileCheck>();
        services.AddSingleton<IManifestStore>(provider => provider.GetRequiredService<SqliteManifestStore>());
        services.AddSingleton<IStoreHealth>(provider => provider.GetRequiredService<SqliteManifestStore>());
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Revisions);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Events);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Deliveries);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Bindings);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Commitments);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Sweep);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Damaged);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Content);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Index);
        return services.AddSingleton<IManifestQuery>(provider => provider.GetRequiredService<SqliteManifestStore>());
    }

    private static void AddObjects(this IServiceCollection services, ImagingOptions options)
    {
        services.AddSingleton(provider => new StoreMark(
            provider.GetRequiredService<ISweepLedger>(),
            provider.GetRequiredService<IObjectStore>(),
            new ProviderName(options.Provider.Name)));
        services.AddSingleton<IReadinessCheck, ObjectsReadingCheck>();
        if (options.Bucket is null)
        {
            services.AddObjectStore(options.Storage);
        }
        else
        {
            services.AddSingleton<IObjectStore>(provider => provider.GetRequiredService<StoreOpener>().Objects);
        }

        if (options.Has(ProcessRoles.Stow | ProcessRoles.Dimse))
        {
            services.AddSingleton<IReadinessCheck>(provider => new ObjectsWritingCheck(
                provider.GetRequiredService<StoreMark>(),
                options.Bucket is null ? TimeSpan.Zero : TrustInBucket,
                provider.GetRequiredService<TimeProvider>()));
        }
    }

    private static IServiceCollection AddPostgres(this IServiceCollection services)
    {
        services.AddSingleton<IManifestStore>(provider => Open(provider));
        services.AddSingleton<IManifestQuery>(provider => Open(provider));
        services.AddSingleton<IStoreHealth>(provider => Open(provider));
        services.AddSingleton<IBacklog>(provider => Open(provider));
        services.AddSingleton(provider => Open(provider).Revisions);
        services.AddSingleton(provider => Open(provider).Events);
        services.AddSingleton(provider => Open(provider).Deliveries);
        services.AddSingleton(provider => Open(provider).Bindings);
        services.AddSingleton(provider => Open(provider).Commitments);
        services.AddSingleton(provider => Open(provider).Sweep);
        services.AddSingleton(provider => Open(provider).Damaged);
        services.AddSingleton(provider => Open(provider).Content);
        services.AddSingleton(provider => Open(provider).Index);
        return services.AddSingleton(provider => Open(provider).Silos);

        static PostgresManifestStore Open(IServiceProvider provider) => provider.GetRequiredService<StoreOpener>().Manifest;
    }
}
