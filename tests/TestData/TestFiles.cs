using ImagingIngestion.TestData.Files;

namespace ImagingIngestion.TestData;

/// <summary>The project's own DICOM files, made in code: the same bytes each time.</summary>
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
