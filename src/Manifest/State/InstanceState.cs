using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.State;

/// <summary>The row of an instance without its attributes and metadata: what a turn needs to decide, and a retrieve to find the bytes.</summary>
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

    /// <summary>XXH3 (64 bits) of all bytes of the object; null for an object of before it was kept, until a check of the content adds it.</summary>
    public ulong? ObjectChecksum { get; init; }

    /// <summary>The object was found missing, of another length or with other bytes than its checksum says. The store of the manifest fills it in.</summary>
    public bool IsDamaged { get; init; }

    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>The revision that adds the instance to its study; the grain sets it.</summary>
    public int AddedRevision { get; init; }

    /// <summary>The last revision that adds or modifies the instance; the grain sets it.</summary>
    public int ChangedRevision { get; init; }
}
