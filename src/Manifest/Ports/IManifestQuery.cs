using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Retrieve;
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
