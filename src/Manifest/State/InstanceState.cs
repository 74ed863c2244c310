using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.State;

/// <summary>
/// The row of an instance without its attributes and metadata: what a turn needs to decide, and a retrieve to find the bytes.
/// </summary>
public sealed record InstanceState
{
    public required InstanceId Id { get; init; }

    public required SopClassUid SopClass { get; init; }

    public required string TransferSyntaxUid { get; init; }

    public required ContentHash Hash { get; init; }

    public required ObjectKey Object { get; init; }

    /// <summary>Bytes of the object.</summary>
    public required long ObjectLength { get; init; }

    /// <summary>Bytes of preamble and file meta before the data set.</summary>
    public required long DataSetOffset { get; init; }

    /// <summary>
    /// XXH3 (64 bits) of all bytes of the object; null for an object of before it was kept, until a check of the content adds it.
    /// </summary>
    public ulong? ObjectChecksum { get; init; }

    /// <summary>
    /// The object was found missing, of another length or with other bytes than its checksum says. The store of the manifest fills it in.
    /// </summary>
    public bool IsDamaged { get; init; }

    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>The revision that adds the instance to its study; the grain sets it.</summary>
    public int AddedRevision { get; init; }

    /// <summary>The last revision that adds or modifies the instance; the grain sets it.</summary>
    public int ChangedRevision { get; init; }
}

/// <summary>What was worked out of an instance at ingest.</summary>
public sealed record InstanceContent
{
    /// <summary>Instance-level attributes that searches match and return, text in UTF-8.</summary>
    public required DicomDataset Attributes { get; init; }

    /// <summary>
    /// The data set without bulk values as DICOM JSON (PS3.18 annex F), one object, UTF-8, compressed with raw deflate; BulkDataURI holds
    /// the path below the instance's <c>/bulkdata/</c>.
    /// </summary>
    public required ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Where bulk values and frames lie in the data set bytes, as <c>InstanceLayout</c> writes it.</summary>
    public required ReadOnlyMemory<byte> Layout { get; init; }
}
