using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>The manifest for searches and retrieves: committed rows only, never a partly inserted hierarchy.</summary>
public interface IManifestQuery
{
    /// <summary>
    /// Returns one page of matches in the stable order of the level: newest study first, then series and instance in order of arrival.
    /// </summary>
    Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the instances of a study, series or single instance, in order of series, InstanceNumber (0020,0013) and arrival; empty if
    /// unknown.
    /// </summary>
    /// <remarks>They are read in batches, without a long transaction.</remarks>
    IAsyncEnumerable<StoredInstance> RetrieveAsync(RetrieveScope scope, StoredInstanceParts parts, CancellationToken cancellationToken);

    /// <summary>Finds the instances with one of these SOP Instance UIDs in any study, in no particular order.</summary>
    /// <remarks>One SOP Instance UID may occur in several series. Meant for up to some thousand at a time.</remarks>
    Task<IReadOnlyList<InstanceState>> FindInstancesAsync(
        ProviderName provider, IReadOnlyCollection<SopInstanceUid> instances, CancellationToken cancellationToken);
}

/// <summary>The scope of a retrieve: a study, a series (no <paramref name="Sop"/>) or an instance.</summary>
public sealed record RetrieveScope(StudyKey Study, SeriesInstanceUid? Series, SopInstanceUid? Sop);

/// <summary>The blobs of an instance that a retrieve needs.</summary>
[Flags]
public enum StoredInstanceParts
{
    None = 0,
    Metadata = 1,
    Layout = 2,

    /// <summary>Only the beginning of the layout, which shows how the data set is encoded.</summary>
    Encoding = 4,
}

/// <summary>An instance for a retrieve; parts that were not requested are empty.</summary>
/// <param name="State">The row.</param>
/// <param name="Metadata">As in <see cref="InstanceContent.Metadata"/>.</param>
/// <param name="Layout">As in <see cref="InstanceContent.Layout"/>.</param>
/// <param name="StudyVersion">The version of the study row in the same read; aggregated answers derive their ETag from it.</param>
public sealed record StoredInstance(InstanceState State, StoredBlob Metadata, StoredBlob Layout, long StudyVersion)
{
    /// <summary>The beginning of the layout, if <see cref="StoredInstanceParts.Encoding"/> was requested.</summary>
    public ReadOnlyMemory<byte> LayoutHead { get; init; }

    /// <summary>How the data set is encoded, if that was requested.</summary>
    public StoredEncoding Encoding => StoredEncoding.OfLayout(LayoutHead.Span);
}
