using System.Buffers;
using ImagingIngestion.Dicom;

namespace ImagingIngestion.Gateways;

/// <summary>The metadata of an instance as the manifest keeps it, for answers.</summary>
internal static class InstanceMetadata
{
    /// <summary>What BulkDataURIs of an instance begin with.</summary>
    /// <param name="instanceUrl">The absolute URL of the instance.</param>
    public static byte[] BulkBase(string instanceUrl) => DicomJsonMetadata.EncodeBaseUrl(instanceUrl + "/bulkdata/");

    /// <summary>As a data set with absolute BulkDataURIs.</summary>
    public static DicomDataset Read(ReadOnlyMemory<byte> metadata, string instanceUrl)
    {
        var json = new ArrayBufferWriter<byte>(Math.Max(1024, metadata.Length * 4));
        DicomJsonMetadata.CopyTo(metadata, BulkBase(instanceUrl), json);
        return DicomJsonReader.Read(json.WrittenSpan);
    }
}
