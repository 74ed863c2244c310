using ImagingIngestion.Hosting.Health;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Settings;
using ImagingIngestion.Storage;
using ImagingIngestion.Storage.Folder;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.S3;
using ImagingIngestion.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Hosting.Stores;

/// <summary>Registers the stores of the settings.</summary>
public static class StoreRegistration
{
    private static readonly TimeSpan TrustInBucket = TimeSpan.FromSeconds(20);

    /// <summary>Registers the stores that the roles of the process use; <see cref="StoreOpener"/> opens them.</summary>
    /// <param name="services">The services.</param>
    /// <param name="settings">The settings of the stores.</param>
    /// <param name="roles">What the process does with them.</param>
    /// <param name="serves">False for a command that runs beside the process that serves from the stores.</param>
    public static IServiceCollection AddStores(
        this IServiceCollection services, ProcessSettings settings, RoleOptions roles, bool serves = true)
    {
        services.AddSupervision();
        services.AddSingleton(provider => new StoreOpener(
            provider.GetRequiredService<IOptions<DatabaseOptions>>(),
            provider.GetRequiredService<IOptions<BucketOptions>>(),
            roles,
            provider.GetRequiredService<Supervision>(),
            provider.GetService<UploadMemory>));
        services.AddSingleton(provider => OpenFileShares.Measure(
            provider.GetServices<OutgoingConnections>(), takesCalls: provider.GetService<CallPort>() is not null));
        services.AddSingleton<WorkReport>();
        services.AddWorkCheck("work", provider => provider.GetRequiredService<WorkReport>());
        services.AddReadinessCheck(
            "manifest, reading",
            ReadinessScope.Reading,
            provider => new ManifestCheck(provider.GetRequiredService<IStoreHealth>(), ReadinessScope.Reading));
        services.AddReadinessCheck(
            "manifest, writing",
            ReadinessScope.Writing,
            provider => new ManifestCheck(provider.GetRequiredService<IStoreHealth>(), ReadinessScope.Writing));
        if (roles.UsesObjects)
        {
            services.AddObjects(settings.Get<BucketOptions>().IsSet, writes: roles.Has(ProcessRoles.Stow | ProcessRoles.Dimse));
        }

        return settings.Get<DatabaseOptions>().IsPostgres ? services.AddPostgres() : services.AddManifestStore(serves);
    }

    /// <summary>Keeps objects in a folder.</summary>
    public static IServiceCollection AddObjectStore(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<IObjectStore>(provider =>
        {
            OpenFileShares shares = provider.GetService<OpenFileShares>() ?? OpenFileShares.Unlimited;
            FolderFiles files = new() { Uploads = shares.Uploads, KeptReads = shares.KeptReads };
            StorageOptions options = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
            return FolderObjectStore.Open(options.ObjectsFolder, provider.GetRequiredService<TimeProvider>(), options.MinFreeBytes, files);
        });
    }

    /// <summary>Keeps the manifest in a SQLite file.</summary>
    /// <param name="services">The services.</param>
    /// <param name="serves">No other process may serve from it.</param>
    public static IServiceCollection AddManifestStore(this IServiceCollection services, bool serves = false)
    {
        services.AddSupervision();
        services.AddSingleton(provider =>
        {
            StorageOptions options = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
            SqliteManifestOptions manifest = new(options.ManifestFile)
            {
                Serves = serves, ObjectsFolder = options.ObjectsFolder, BeginsAnew = options.BeginAnew,
            };
            return SqliteManifestStore.Open(manifest, provider.GetRequiredService<Supervision>());
        });
        services.AddSingleton<IBacklog>(provider => provider.GetRequiredService<SqliteManifestStore>());
        services.AddReadinessCheck(
            "manifest, file", ReadinessScope.All, provider => new ManifestFileCheck(provider.GetRequiredService<SqliteManifestStore>()));
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

    private static void AddObjects(this IServiceCollection services, bool inBucket, bool writes)
    {
        services.AddSingleton(provider => new StoreMark(
            provider.GetRequiredService<ISweepLedger>(),
            provider.GetRequiredService<IObjectStore>(),
            provider.GetRequiredService<IOptions<ProviderOptions>>().Value.Space));
        services.AddReadinessCheck(
            "objects, reading", ReadinessScope.All, provider => new ObjectsReadingCheck(provider.GetRequiredService<StoreMark>()));
        if (inBucket)
        {
            services.AddSingleton<IObjectStore>(provider => provider.GetRequiredService<StoreOpener>().Objects);
        }
        else
        {
            services.AddObjectStore();
        }

        if (writes)
        {
            services.AddSingleton(provider => new ObjectsWritingCheck(
                provider.GetRequiredService<StoreMark>(),
                inBucket ? TrustInBucket : TimeSpan.Zero,
                provider.GetRequiredService<TimeProvider>()));
            services.AddReadinessCheck(
                "objects, writing", ReadinessScope.Writing, provider => provider.GetRequiredService<ObjectsWritingCheck>());
        }
    }

    private static IServiceCollection AddPostgres(this IServiceCollection services)
    {
        services.AddSingleton(
            provider => new OutgoingConnections(provider.GetRequiredService<IOptions<DatabaseOptions>>().Value.MaxConnections));
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
