using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.S3;

namespace ImagingIngestion.Hosting.Stores;

/// <summary>
/// Opens the stores that are reached over the network before anything else starts, because that waits for answers and a constructor cannot.
/// Those of a single process open when they are first asked for.
/// </summary>
/// <param name="options">Which stores.</param>
/// <param name="supervision">Knows what the stores do in the background.</param>
/// <param name="memory">
/// Returns the memory of uploads where the process takes any; called after the manifest is open, on which limits of ingest depend.
/// </param>
public sealed class StoreOpener(ImagingOptions options, Supervision supervision, Func<UploadMemory?> memory) : IAsyncDisposable
{
    private PostgresManifestStore? _manifest;
    private S3ObjectStore? _objects;

    /// <summary>The manifest in PostgreSQL.</summary>
    /// <exception cref="InvalidOperationException">
    /// It is not open: the settings choose another, or <see cref="OpenAsync"/> has not completed.
    /// </exception>
    public PostgresManifestStore Manifest
        => _manifest ?? throw new InvalidOperationException("The manifest store is asked for before it is open.");

    /// <summary>The objects in a bucket.</summary>
    /// <exception cref="InvalidOperationException">
    /// It is not open: the settings choose another, or <see cref="OpenAsync"/> has not completed.
    /// </exception>
    public S3ObjectStore Objects => _objects ?? throw new InvalidOperationException("The object store is asked for before it is open.");

    /// <summary>Opens what the settings choose.</summary>
    /// <exception cref="ManifestUnavailableException">The database cannot be used; the message says what to change.</exception>
    /// <exception cref="ObjectStoreException">The bucket cannot be used; the message says what to change.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (options.Database is { } database)
        {
            _manifest = await PostgresManifestStore.OpenAsync(database, supervision, cancellationToken);
        }

        if (options is { UsesObjects: true, Bucket: { } bucket })
        {
            _objects = await S3ObjectStore.OpenAsync(bucket, supervision.Time, memory(), cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _objects?.Dispose();
        if (_manifest is { } manifest)
        {
            await manifest.DisposeAsync();
        }
    }
}
