using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.State;

/// <summary>The row of an instance without its attributes and metadata: enough to decide, and to find the bytes for a retrieve.</summary>
public sealed record InstanceState
{
    public required InstanceId Id { get; init; }

    public required SopClassUid SopClass { get; init; }

    public required string TransferSyntaxUid { get; init; }

    public required ContentHash Hash { get; init; }

    public required ObjectKey Object { get; init; }

    /// <summary>The length of the object.</summary>
    public required long ObjectLength { get; init; }

    /// <summary>Bytes of preamble and file meta before the data set.</summary>
    public required long DataSetOffset { get; init; }

    /// <summary>
    /// XXH3 (64 bits) of all bytes of the object; null for an object of an earlier version, until a check of the content adds it.
    /// </summary>
    public ulong? ObjectChecksum { get; init; }

    /// <summary>The object was found missing, or with other length or bytes. The manifest store sets it.</summary>
    public bool IsDamaged { get; init; }

    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>The revision that adds the instance to its study; the grain sets it.</summary>
    public int AddedRevision { get; init; }

    /// <summary>The last revision that adds or modifies the instance; the grain sets it.</summary>
    public int ChangedRevision { get; init; }
}

/// <summary>The results of ingesting an instance.</summary>
public sealed record InstanceContent
{
    /// <summary>Instance-level attributes that searches match and return, text in UTF-8.</summary>
    public required DicomDataset Attributes { get; init; }

    /// <summary>The data set without bulk values as DICOM JSON (PS3.18 annex F): one object, UTF-8, compressed with raw deflate.</summary>
    /// <remarks>BulkDataURI holds the path below the instance's <c>/bulkdata/</c>.</remarks>
    public required ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>Offsets and lengths of bulk values and frames in the data set bytes, as <c>InstanceLayout</c> writes them.</summary>
    public required ReadOnlyMemory<byte> Layout { get; init; }
}
