using ImagingIngestion.Dicom;

namespace ImagingIngestion.Grains;

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

    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>The revision that adds the instance to its study; the grain sets it.</summary>
    public int AddedRevision { get; init; }

    /// <summary>The last revision that adds or modifies the instance; the grain sets it.</summary>
    public int ChangedRevision { get; init; }
}
