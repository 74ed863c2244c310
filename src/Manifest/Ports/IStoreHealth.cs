namespace ImagingIngestion.Manifest.Ports;

/// <summary>Checks whether a manifest store works now. It may also throw <see cref="ManifestUnavailableException"/>.</summary>
public interface IStoreHealth
{
    /// <summary>Returns why nothing, or only old data, can be read; null if reading works.</summary>
    Task<string?> FindReadingFaultAsync(CancellationToken cancellationToken);

    /// <summary>Returns why nothing can be written; null if writing works.</summary>
    Task<string?> FindWritingFaultAsync(CancellationToken cancellationToken);
}

/// <summary>
/// Measures what waits in the manifest store for a background loop, by its own clock; cheap enough for every health check.
/// </summary>
public interface IBacklog
{
    Task<Backlog> MeasureBacklogAsync(CancellationToken cancellationToken);
}

/// <summary>How long the oldest items wait; null if none do.</summary>
/// <param name="UnnumberedEvent">The age of the oldest committed event without a number: neither feed nor bindings see it.</param>
/// <param name="DueRevision">How long the oldest open revision has been due.</param>
public sealed record Backlog(TimeSpan? UnnumberedEvent, TimeSpan? DueRevision);
