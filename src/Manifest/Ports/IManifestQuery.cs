using ImagingIngestion.Dicom.Frames;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>The manifest as searches and retrieves see it: committed rows only, never a half-inserted hierarchy.</summary>
public interface IManifestQuery
{
    /// <summary>
    /// One page of matches in the stable order of the level (newest study first, then series and instance in order of arrival).
    /// </summary>
    Task<SearchPage> SearchAsync(SearchRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// The instances of a study, series or single instance in order of series, InstanceNumber (0020,0013) and arrival; empty when unknown.
    /// Read in batches, no long transaction.
    /// </summary>
    IAsyncEnumerable<StoredInstance> RetrieveAsync(RetrieveScope scope, StoredInstanceParts parts, CancellationToken cancellationToken);

    /// <summary>
    /// The instances with one of these SOP Instance UIDs, whatever their study, in no particular order; one SOP Instance UID may stand in
    /// several series. Meant for up to some thousand at a time.
    /// </summary>
    Task<IReadOnlyList<InstanceState>> FindInstancesAsync(
        ProviderName provider, IReadOnlyCollection<SopInstanceUid> instances, CancellationToken cancellationToken);
}

/// <summary>What to retrieve: a study, a series (no <paramref name="Sop"/>) or an instance.</summary>
public sealed record RetrieveScope(StudyKey Study, SeriesInstanceUid? Series, SopInstanceUid? Sop);

/// <summary>Which blobs of an instance a retrieve needs.</summary>
[Flags]
public enum StoredInstanceParts
{
    None = 0,
    Metadata = 1,
    Layout = 2,

    /// <summary>Only the beginning of the layout, which tells how the data set is encoded.</summary>
    Encoding = 4,
}

/// <summary>An instance as retrieves need it; the parts that were not asked for are empty.</summary>
/// <param name="State">The row.</param>
/// <param name="Metadata">As in <see cref="InstanceContent.Metadata"/>.</param>
/// <param name="Layout">As in <see cref="InstanceContent.Layout"/>.</param>
/// <param name="StudyVersion">The version of the study row in the same read: what aggregated answers derive their ETag from.</param>
public sealed record StoredInstance(InstanceState State, StoredBlob Metadata, StoredBlob Layout, long StudyVersion)
{
    /// <summary>The beginning of the layout, where <see cref="StoredInstanceParts.Encoding"/> was asked for.</summary>
    public ReadOnlyMemory<byte> LayoutHead { get; init; }

    /// <summary>How the data set is encoded, where that was asked for.</summary>
    public StoredEncoding Encoding => StoredEncoding.OfLayout(LayoutHead.Span);
}
