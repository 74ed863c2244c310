using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Study;

/// <summary>An instance within the turns of one batch: the row of the manifest, and the changes of the turns.</summary>
/// <remarks>It decides what an arrival means. The study grain owns it and drops it after the commit.</remarks>
/// <param name="id">Its identity within the study.</param>
/// <param name="stored">The row of the manifest; null if it holds none.</param>
public sealed class InstanceGrain(InstanceId id, InstanceState? stored)
{
    private readonly List<ObjectKey> _droppedObjects = [];
    private bool _wasThere = stored is not null;
    private InstanceContent? _content;

    public InstanceId Id { get; } = id;

    /// <summary>The row after the turns so far; null if there is none.</summary>
    public InstanceState? Current { get; private set; } = stored;

    /// <summary>Objects that this batch removed from the row.</summary>
    public IReadOnlyList<ObjectKey> DroppedObjects => _droppedObjects;

    /// <summary>The row to write; null if the manifest's row needs no writing.</summary>
    public InstanceChange? Change => Current is not null && _content is not null ? new InstanceChange(Current, _content) : null;

    /// <summary>The instance existed, if only within the turns so far, and no longer does.</summary>
    /// <remarks>Its sender was told that it is stored, so its deletion is reported too.</remarks>
    public bool IsRemoved => _wasThere && Current is null;

    /// <summary>Decides what an arrival means, without applying it.</summary>
    public StoreAnswer.Kind Decide(InstanceArrival arrival, DuplicatePolicy policy)
    {
        if (Current is null)
        {
            return StoreAnswer.Kind.Added;
        }

        // The same call again: its own object must never be dropped.
        if (Current.Object == arrival.State.Object)
        {
            return StoreAnswer.Kind.Duplicate;
        }

        bool isDamaged = Current.Object == arrival.DamagedObject;
        if (Current.Hash == arrival.State.Hash)
        {
            return isDamaged ? StoreAnswer.Kind.Repaired : StoreAnswer.Kind.Duplicate;
        }

        // Lost content can be neither kept nor compared.
        if (isDamaged)
        {
            return StoreAnswer.Kind.Replaced;
        }

        if (NeedsComparison(Current, arrival.State))
        {
            if (arrival.Comparison is not { } comparison || comparison.Stored != Current.Hash)
            {
                return StoreAnswer.Kind.CompareContent;
            }

            if (comparison.IsEqual)
            {
                return StoreAnswer.Kind.Duplicate;
            }
        }

        return policy switch
        {
            DuplicatePolicy.Replace => StoreAnswer.Kind.Replaced,
            DuplicatePolicy.KeepFirst => StoreAnswer.Kind.KeptFirst,
            _ => StoreAnswer.Kind.Rejected,
        };
    }

    /// <summary>Replaces the current row, if any, by the arriving one.</summary>
    /// <param name="arrival">The instance.</param>
    /// <param name="revision">The number of the revision that lists it.</param>
    public void Store(InstanceArrival arrival, int revision)
    {
        DropObject();
        Current = arrival.State with { AddedRevision = Current?.AddedRevision ?? revision, ChangedRevision = revision };
        _content = arrival.Content;
        _wasThere = true;
    }

    /// <summary>Replaces the damaged object by the arriving one of the same content.</summary>
    /// <remarks>Only the object changes, and the offsets in it.</remarks>
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

    /// <summary>
    /// Returns whether the contents must be compared: the same data set has other bytes, and another hash, in another uncompressed syntax.
    /// </summary>
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

/// <summary>The policy for an instance that arrives with a stored identity and other content.</summary>
public enum DuplicatePolicy
{
    /// <summary>The newer content replaces the stored one and is a modification in the next revision.</summary>
    Replace,

    /// <summary>The stored content stays; the sender gets success with a warning.</summary>
    KeepFirst,

    /// <summary>The stored content stays; the sender gets failure 0111.</summary>
    Reject,
}
