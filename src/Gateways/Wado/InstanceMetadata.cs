using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>The metadata of an instance as the manifest keeps it, for answers.</summary>
internal static class InstanceMetadata
{
    /// <summary>What BulkDataURIs of an instance begin with.</summary>
    /// <param name="instanceUrl">The absolute URL of the instance.</param>
    public static string BulkBase(string instanceUrl) => instanceUrl + "/bulkdata/";

    /// <summary>Opens it for reading element by element, with absolute BulkDataURIs.</summary>
    /// <param name="compressed">The bytes, which the caller disposes.</param>
    /// <param name="instanceUrl">The absolute URL of the instance.</param>
    /// <param name="share">Covers what is held.</param>
    /// <param name="wanted">The attributes to read; null for all.</param>
    public static MetadataReader Open(Stream compressed, string instanceUrl, HeaderShare share, Predicate<DicomTag>? wanted = null)
        => new(compressed, BulkBase(instanceUrl), share.RequireAsync) { Wanted = wanted };

    /// <summary>Reads some attributes as a data set, which the share covers.</summary>
    public static async Task<DicomDataset> ReadAsync(
        StoredBlob metadata, string instanceUrl, HeaderShare share, Predicate<DicomTag> wanted, CancellationToken cancellationToken)
    {
        await using Stream compressed = metadata.OpenRead();
        using MetadataReader reader = Open(compressed, instanceUrl, share, wanted);
        return await reader.ReadAllAsync(cancellationToken);
    }
}
