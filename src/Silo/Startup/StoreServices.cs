using ImagingIngestion.Grains;
using ImagingIngestion.Options;
using ImagingIngestion.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagingIngestion.Silo;

/// <summary>Registers the stores of one process: a folder and SQLite.</summary>
public static class StoreServices
{
    /// <summary>Keeps objects in a folder.</summary>
    public static IServiceCollection AddObjectStore(this IServiceCollection services, StorageOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<IObjectStore>(provider => FolderObjectStore.Open(options.ObjectsFolder, provider.GetRequiredService<TimeProvider>(), options.MinFreeBytes));
    }

    /// <summary>Keeps the manifest in a SQLite file.</summary>
    public static IServiceCollection AddManifestStore(this IServiceCollection services, StorageOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => SqliteManifestStore.Open(options.ManifestFile, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IManifestStore>(provider => provider.GetRequiredService<SqliteManifestStore>());
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Revisions);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Events);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Deliveries);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Bindings);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Commitments);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteManifestStore>().Sweep);
        return services.AddSingleton<IManifestQuery>(provider => provider.GetRequiredService<SqliteManifestStore>());
    }
}
