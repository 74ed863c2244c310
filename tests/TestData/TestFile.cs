namespace ImagingIngestion.TestData;

/// <summary>A file and what is known of it. Facts that are null are not known, or not to be checked.</summary>
public sealed record TestFile(string Name, Expectation Expectation, ReadOnlyMemory<byte> Bytes)
{
    public string? TransferSyntaxUid { get; init; }

    public string? StudyUid { get; init; }

    public string? SeriesUid { get; init; }

    public string? SopUid { get; init; }

    public int? FrameCount { get; init; }

    /// <summary>Each frame as WADO-RS must return it.</summary>
    public IReadOnlyList<byte[]>? Frames { get; init; }

    /// <summary>Decoded values by tag, for text of the top level.</summary>
    public IReadOnlyDictionary<uint, string[]> Texts { get; init; } = new Dictionary<uint, string[]>();

    public override string ToString() => Name;
}
