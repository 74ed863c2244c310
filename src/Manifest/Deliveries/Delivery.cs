using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Deliveries;

/// <summary>Something that a binding has to deliver, leased to whoever claimed it.</summary>
public sealed record Delivery
{
    public required long Id { get; init; }

    /// <summary>The fencing token of the claim: a settlement with an older one is ignored.</summary>
    public required long Token { get; init; }

    public required string Binding { get; init; }

    public required EventType Type { get; init; }

    public required StudyKey Study { get; init; }

    /// <summary>The instance; null for a study revision.</summary>
    public InstanceId? Instance { get; init; }

    /// <summary>
    /// What happened to the instance; a modification that was not delivered stays one when an addition supersedes it. Null for a study
    /// revision.
    /// </summary>
    public ChangeKind? Change { get; init; }

    /// <summary>The revision; null for an instance.</summary>
    public int? Revision { get; init; }

    /// <summary>The number of the newest event behind it; of the last event before the snapshot for what comes from a snapshot.</summary>
    public required long Sequence { get; init; }

    /// <summary>Attempts that failed so far.</summary>
    public required int Attempts { get; init; }

    /// <summary>The binding has delivered this instance before, be it that it was deleted since and stored again.</summary>
    public bool WasDelivered { get; init; }

    /// <summary>
    /// The target may hold other content of the instance, so that its word that it has the instance already is no success.
    /// </summary>
    public bool IsReplacement => Change == ChangeKind.Modification || WasDelivered;
}
