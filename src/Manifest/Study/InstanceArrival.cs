using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Study;

/// <summary>Announces to a study grain an instance whose object is already durable.</summary>
public sealed record InstanceArrival
{
    public required StudyKey Study { get; init; }

    public required InstanceState State { get; init; }

    public required InstanceContent Content { get; init; }

    /// <summary>Patient- and study-level attributes of this instance, text in UTF-8.</summary>
    public required DicomDataset StudyAttributes { get; init; }

    /// <summary>Series-level attributes of this instance, text in UTF-8.</summary>
    public required DicomDataset SeriesAttributes { get; init; }

    /// <summary>When the upload of the object began.</summary>
    /// <remarks>A commit more than six hours later is refused, because the sweeper may have deleted the object.</remarks>
    public required DateTimeOffset UploadBegan { get; init; }

    /// <summary>The calling AE title that brought it; null when it came over HTTP.</summary>
    public string? CallingAeTitle { get; init; }

    /// <summary>The committed object that the gateway found missing or damaged after the answer that this instance is stored.</summary>
    /// <remarks>While the row names that object, its content is lost, and the arriving object replaces it.</remarks>
    public ObjectKey? DamagedObject { get; init; }

    /// <summary>The gateway's comparison after <see cref="StoreAnswer.Kind.CompareContent"/>.</summary>
    public ContentComparison? Comparison { get; init; }
}

/// <summary>
/// Whether the arriving instance equals, element by element, the stored content with the given hash in another uncompressed transfer
/// syntax.
/// </summary>
public sealed record ContentComparison(ContentHash Stored, bool IsEqual);

/// <summary>The answer to an <see cref="InstanceArrival"/>, given only after its commit is durable.</summary>
/// <param name="Outcome">The decision.</param>
/// <param name="Committed">
/// The current row of the manifest; null if it holds none. The gateway may delete its own object only if this names another.
/// </param>
public sealed record StoreAnswer(StoreAnswer.Kind Outcome, InstanceState? Committed)
{
    /// <summary>Another attempt of the same call was cut off and may still be committed with the arriving object.</summary>
    /// <remarks>
    /// Then the object belongs to the sweeper, whatever <see cref="Committed"/> names. The caller's side of a call between processes sets
    /// it.
    /// </remarks>
    public bool MayCommitLater { get; init; }

    /// <summary>What an arriving instance meant to the study.</summary>
    public enum Kind
    {
        /// <summary>New: the manifest names its object.</summary>
        Added,

        /// <summary>The same content is already stored; nothing changed.</summary>
        /// <remarks>The arriving object is not needed if the committed one is good.</remarks>
        Duplicate,

        /// <summary>Other content was stored under this identity and is replaced, by policy or because its object was damaged.</summary>
        Replaced,

        /// <summary>Other content is stored under this identity and stays, by policy; success with a warning.</summary>
        KeptFirst,

        /// <summary>Other content is stored under this identity and stays, by policy; failure 0111.</summary>
        Rejected,

        /// <summary>Nothing is decided: the stored instance has another uncompressed syntax.</summary>
        /// <remarks>Compare both objects and send again with the comparison.</remarks>
        CompareContent,

        /// <summary>The upload is older than six hours; send the instance again.</summary>
        UploadTooOld,

        /// <summary>The store refused a value of this instance.</summary>
        Refused,

        /// <summary>The same content was stored in a damaged object, which the arriving one replaces.</summary>
        /// <remarks>The study does not change: no revision and no event mentions it.</remarks>
        Repaired,
    }
}
