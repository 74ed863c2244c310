using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>An open manifest store as the kit needs it.</summary>
public sealed record ManifestBackend
{
    /// <summary>What grains see.</summary>
    public required IManifestStore Store { get; init; }

    /// <summary>What searches and retrieves see.</summary>
    public required IManifestQuery Query { get; init; }

    /// <summary>What schedulers of revisions see.</summary>
    public required IRevisionQueue Revisions { get; init; }

    /// <summary>What subscribers see.</summary>
    public required IEventLog Events { get; init; }

    /// <summary>What bindings see.</summary>
    public required IDeliveryQueue Deliveries { get; init; }

    /// <summary>What operators of bindings see.</summary>
    public required IBindingAdministration Bindings { get; init; }

    /// <summary>What storage commitment sees.</summary>
    public required ICommitmentQueue Commitments { get; init; }

    /// <summary>What the sweeper sees.</summary>
    public required ISweepLedger Sweep { get; init; }

    /// <summary>What those who read objects see.</summary>
    public required IDamagedObjects Damaged { get; init; }

    /// <summary>What a check of the content sees.</summary>
    public required IContentLedger Content { get; init; }

    /// <summary>What makes the values of searches anew.</summary>
    public required ISearchIndex Index { get; init; }

    /// <summary>Runs SQL on the tables of the store, as a version before this one would write.</summary>
    public required Func<string, Task> Execute { get; init; }

    /// <summary>The clock of the store.</summary>
    public required FakeTimeProvider Time { get; init; }

    /// <summary>The keys that the sweeper would find; no port tells them.</summary>
    public required Func<Task<IReadOnlyList<string>>> DroppedObjects { get; init; }

    /// <summary>Ends when all events that are committed are numbered: a store may number them after the commit.</summary>
    public Func<Task> EventsAreNumbered { get; init; } = () => Task.CompletedTask;

    /// <summary>Closes the store and opens what it has left behind, with the same clock.</summary>
    public required Func<Task<ManifestBackend>> Reopen { get; init; }
}
