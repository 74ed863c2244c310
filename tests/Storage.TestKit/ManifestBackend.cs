using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>An open manifest store with everything that the kit needs.</summary>
public sealed record ManifestBackend
{
    /// <summary>The port of grains.</summary>
    public required IManifestStore Store { get; init; }

    /// <summary>The port of searches and retrieves.</summary>
    public required IManifestQuery Query { get; init; }

    /// <summary>The port of schedulers of revisions.</summary>
    public required IRevisionQueue Revisions { get; init; }

    /// <summary>The port of subscribers.</summary>
    public required IEventLog Events { get; init; }

    /// <summary>The port of bindings.</summary>
    public required IDeliveryQueue Deliveries { get; init; }

    /// <summary>The port of operators of bindings.</summary>
    public required IBindingAdministration Bindings { get; init; }

    /// <summary>The port of storage commitment.</summary>
    public required ICommitmentQueue Commitments { get; init; }

    /// <summary>The port of the sweeper.</summary>
    public required ISweepLedger Sweep { get; init; }

    /// <summary>The port of readers that find damaged objects.</summary>
    public required IDamagedObjects Damaged { get; init; }

    /// <summary>The port of checks of the content.</summary>
    public required IContentLedger Content { get; init; }

    /// <summary>The port of the renewal of index values.</summary>
    public required ISearchIndex Index { get; init; }

    /// <summary>Runs SQL on the tables of the store, as an older version would write.</summary>
    public required Func<string, Task> Execute { get; init; }

    /// <summary>The clock of the store.</summary>
    public required FakeTimeProvider Time { get; init; }

    /// <summary>The keys that the sweeper would find, which no port returns.</summary>
    public required Func<Task<IReadOnlyList<string>>> DroppedObjects { get; init; }

    /// <summary>Waits until all committed events are numbered: a store may number them after the commit.</summary>
    public Func<Task> EventsAreNumbered { get; init; } = () => Task.CompletedTask;

    /// <summary>Closes the store, and opens it again with the same clock.</summary>
    public required Func<Task<ManifestBackend>> Reopen { get; init; }
}
