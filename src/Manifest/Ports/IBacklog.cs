namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// What waits in the manifest store for a background loop, by its own clock; cheap enough to be asked by every look at health.
/// </summary>
public interface IBacklog
{
    Task<Backlog> MeasureBacklogAsync(CancellationToken cancellationToken);
}

/// <summary>How long the oldest things wait; null where nothing does.</summary>
/// <param name="UnnumberedEvent">Since an event was committed that has no number yet, so that neither feed nor bindings hear of it.</param>
/// <param name="DueRevision">Since a revision was due that is still open.</param>
public sealed record Backlog(TimeSpan? UnnumberedEvent, TimeSpan? DueRevision);
