namespace ImagingIngestion.TestData;

/// <summary>A line of a corpus manifest; what is null is not said there.</summary>
/// <param name="File">Path below the corpus folder.</param>
/// <param name="Expectation">What storing the file must lead to.</param>
public sealed record CorpusLine(string File, Expectation Expectation)
{
    public string? TransferSyntaxUid { get; init; }

    public string? StudyUid { get; init; }

    public string? SeriesUid { get; init; }

    public string? SopUid { get; init; }

    public int? Frames { get; init; }

    /// <summary>What is unusual, in words.</summary>
    public string? Odd { get; init; }

    public override string ToString() => File;
}
