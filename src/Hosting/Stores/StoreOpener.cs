using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.S3;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Hosting.Stores;

/// <summary>
/// Opens the stores that are reached over the network before anything else starts: that is asynchronous, and a constructor cannot wait.
/// </summary>
/// <remarks>The stores of a single process open when they are first used.</remarks>
/// <param name="database">The database, if it keeps the manifest.</param>
/// <param name="bucket">The bucket, if it keeps the objects.</param>
/// <param name="roles">Whether the process uses objects.</param>
/// <param name="supervision">Supervises the background work of the stores.</param>
/// <param name="memory">
/// Returns the memory of uploads if the process takes any; called after the manifest is open, on which the limits of ingest depend.
/// </param>
public sealed class StoreOpener(
    IOptions<DatabaseOptions> database, IOptions<BucketOptions> bucket, RoleOptions roles, Supervision supervision,
    Func<UploadMemory?> memory)
    : IAsyncDisposable
{
    private PostgresManifestStore? _manifest;
    private S3ObjectStore? _objects;

    /// <summary>The manifest in PostgreSQL.</summary>
    /// <exception cref="InvalidOperationException">
    /// The store is not open: the settings choose another, or <see cref="OpenAsync"/> has not completed.
    /// </exception>
    public PostgresManifestStore Manifest
        => _manifest ?? throw new InvalidOperationException("The manifest store is asked for before it is open.");

    /// <summary>The objects in a bucket.</summary>
    /// <exception cref="InvalidOperationException">
    /// The store is not open: the settings choose another, or <see cref="OpenAsync"/> has not completed.
    /// </exception>
    public S3ObjectStore Objects => _objects ?? throw new InvalidOperationException("The object store is asked for before it is open.");

    /// <summary>Opens the stores that the settings choose.</summary>
    /// <exception cref="ManifestUnavailableException">The database cannot be used; the message says what to change.</exception>
    /// <exception cref="ObjectStoreException">The bucket cannot be used; the message says what to change.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (database.Value.IsPostgres)
        {
            _manifest = await PostgresManifestStore.OpenAsync(database.Value, supervision, cancellationToken);
        }

        if (roles.UsesObjects && bucket.Value.IsSet)
        {
            _objects = await S3ObjectStore.OpenAsync(bucket.Value, supervision.Time, memory(), cancellationToken);
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
