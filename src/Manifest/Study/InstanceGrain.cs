using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Study;

/// <summary>
/// An instance within the turns of one batch: the row that the manifest holds, and what the turns made of it since. Decides what an
/// arrival means for it; the study grain owns it and forgets it after the commit.
/// </summary>
/// <param name="id">Its identity within the study.</param>
/// <param name="stored">The row that the manifest holds, null when it holds none.</param>
public sealed class InstanceGrain(InstanceId id, InstanceState? stored)
{
    private readonly List<ObjectKey> _droppedObjects = [];
    private bool _wasThere = stored is not null;
    private InstanceContent? _content;

    public InstanceId Id { get; } = id;

    /// <summary>The row after the turns so far, null when there is none.</summary>
    public InstanceState? Current { get; private set; } = stored;

    /// <summary>Objects that this batch took out of the row.</summary>
    public IReadOnlyList<ObjectKey> DroppedObjects => _droppedObjects;

    /// <summary>The row to write, null when the manifest's row needs no writing.</summary>
    public InstanceChange? Change => Current is not null && _content is not null ? new InstanceChange(Current, _content) : null;

    /// <summary>
    /// It was there, if only within the turns so far, and is no more: its sender was told that it is stored, so that its deletion is told
    /// too.
    /// </summary>
    public bool IsRemoved => _wasThere && Current is null;

    /// <summary>What an arrival means, without doing it.</summary>
    public StoreOutcome Decide(InstanceArrival arrival, DuplicatePolicy policy)
    {
        if (Current is null)
        {
            return StoreOutcome.Added;
        }

        // The same call again: its own object must never be dropped.
        if (Current.Object == arrival.State.Object)
        {
            return StoreOutcome.Duplicate;
        }

        bool isDamaged = Current.Object == arrival.DamagedObject;
        if (Current.Hash == arrival.State.Hash)
        {
            return isDamaged ? StoreOutcome.Repaired : StoreOutcome.Duplicate;
        }

        // What is lost can be neither kept nor compared.
        if (isDamaged)
        {
            return StoreOutcome.Replaced;
        }

        if (NeedsComparison(Current, arrival.State))
        {
            if (arrival.Comparison is not { } comparison || comparison.Stored != Current.Hash)
            {
                return StoreOutcome.CompareContent;
            }

            if (comparison.IsEqual)
            {
                return StoreOutcome.Duplicate;
            }
        }

        return policy switch
        {
            DuplicatePolicy.Replace => StoreOutcome.Replaced,
            DuplicatePolicy.KeepFirst => StoreOutcome.KeptFirst,
            _ => StoreOutcome.Rejected,
        };
    }

    /// <summary>Takes the arriving row in the place of the current one, if any.</summary>
    /// <param name="arrival">The instance.</param>
    /// <param name="revision">The number of the revision that lists it.</param>
    public void Store(InstanceArrival arrival, int revision)
    {
        DropObject();
        Current = arrival.State with { AddedRevision = Current?.AddedRevision ?? revision, ChangedRevision = revision };
        _content = arrival.Content;
        _wasThere = true;
    }

    /// <summary>
    /// Puts the arriving object, of the same content, in the place of the damaged one. Only the object changes, and where things are in it.
    /// </summary>
    public void Repair(InstanceArrival arrival)
    {
        DropObject();
        Current = arrival.State with
        {
            AddedRevision = Current!.AddedRevision,
            ChangedRevision = Current.ChangedRevision,
            StoredAt = Current.StoredAt,
        };
        _content = arrival.Content;
    }

    public void Remove()
    {
        DropObject();
        Current = null;
        _content = null;
    }

    /// <summary>The same data set has other bytes in another uncompressed syntax, so that hashes tell nothing (design D3).</summary>
    private static bool NeedsComparison(InstanceState current, InstanceState arriving)
        => !string.Equals(current.TransferSyntaxUid, arriving.TransferSyntaxUid, StringComparison.Ordinal)
            && TransferSyntax.FromUid(current.TransferSyntaxUid).IsNative && TransferSyntax.FromUid(arriving.TransferSyntaxUid).IsNative;

    private void DropObject()
    {
        if (Current is not null)
        {
            _droppedObjects.Add(Current.Object);
        }
    }
}

/// <summary>What happens to an instance that arrives with an identity that is stored with other content.</summary>
public enum DuplicatePolicy
{
    /// <summary>The newer content replaces the stored one and is a modification in the next revision.</summary>
    Replace,

    /// <summary>The stored content stays; the sender hears success with a warning.</summary>
    KeepFirst,

    /// <summary>The stored content stays; the sender hears failure 0111.</summary>
    Reject,
}
