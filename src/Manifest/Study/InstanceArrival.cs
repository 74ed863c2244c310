using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Study;

/// <summary>Tells a study grain of an instance whose object is already durable.</summary>
public sealed record InstanceArrival
{
    public required StudyKey Study { get; init; }

    public required InstanceState State { get; init; }

    public required InstanceContent Content { get; init; }

    /// <summary>Patient- and study-level attributes of this instance, text in UTF-8.</summary>
    public required DicomDataset StudyAttributes { get; init; }

    /// <summary>Series-level attributes of this instance, text in UTF-8.</summary>
    public required DicomDataset SeriesAttributes { get; init; }

    /// <summary>
    /// When the upload of the object began; a commit later than six hours after it is refused, because the sweeper may own the object by
    /// then.
    /// </summary>
    public required DateTimeOffset UploadBegan { get; init; }

    /// <summary>The calling AE title that brought it; null when it came over HTTP.</summary>
    public string? CallingAeTitle { get; init; }

    /// <summary>
    /// The committed object that the gateway found missing or damaged when it was told that this instance is stored already. As long as the
    /// row names that object its content is lost, and the arriving object takes its place.
    /// </summary>
    public ObjectKey? DamagedObject { get; init; }

    /// <summary>What the gateway found after <see cref="StoreOutcome.CompareContent"/>.</summary>
    public ContentComparison? Comparison { get; init; }
}

/// <summary>
/// Whether the arriving instance has, element by element, the content that is stored with the given hash in another uncompressed transfer
/// syntax.
/// </summary>
public sealed record ContentComparison(ContentHash Stored, bool IsEqual);
