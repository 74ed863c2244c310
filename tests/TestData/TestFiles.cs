using ImagingIngestion.TestData.Files;

namespace ImagingIngestion.TestData;

/// <summary>The project's own DICOM files, made by code: the same bytes each time.</summary>
public static class TestFiles
{
    private static readonly Lazy<IReadOnlyList<TestFile>> Made = new(() =>
        [
            .. NativeFiles.All(),
            .. EncapsulatedFiles.All(),
            .. StructureFiles.All(),
            .. ValueFiles.All(),
            .. CharacterSetFiles.All(),
            .. HostileFiles.All()
        ]);

    public static IReadOnlyList<TestFile> All => Made.Value;

    public static TestFile Get(string name)
        => All.FirstOrDefault(file => file.Name == name)
            ?? throw new ArgumentException($"No test file '{name}'; the names are those of TestFiles.All.", nameof(name));
}

/// <summary>A file and its known facts; null facts are unknown, or not to be checked.</summary>
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

/// <summary>The expected result of storing a file.</summary>
public enum Expectation
{
    /// <summary>Well formed: storing it succeeds.</summary>
    Store,

    /// <summary>Odd: stored or refused with a reason, but no crash, no hang and nothing half stored.</summary>
    Either,

    /// <summary>It cannot be a stored instance: refused, and the service lives on.</summary>
    Reject,
}
