using System.Globalization;

namespace ImagingIngestion.TestData;

/// <summary>A folder of files with a manifest.tsv of their expected results; the environment variable DICOM_CORPUS names it.</summary>
public static class Corpus
{
    public const string Variable = "DICOM_CORPUS";

    public static string? Folder { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    public static bool IsAvailable => Folder is not null;

    /// <summary>Reads the files of the manifest anew on each call.</summary>
    public static IEnumerable<TestFile> Files() => Lines().Select(Read);

    /// <summary>Reads the manifest without the files.</summary>
    public static IReadOnlyList<CorpusLine> Lines()
    {
        string[] lines = File.ReadAllLines(Path.Combine(
            Folder ?? throw new InvalidOperationException($"Set {Variable} to a folder with a manifest.tsv."), "manifest.tsv"));
        string[] names = lines[0].Split('\t');
        return [.. lines.Skip(1).Where(line => line.Length > 0).Select(line => Parse(names, line.Split('\t')))];
    }

    public static TestFile Read(CorpusLine line) => new(line.File, line.Expectation, File.ReadAllBytes(Path.Combine(Folder!, line.File)))
    {
        TransferSyntaxUid = line.TransferSyntaxUid,
        StudyUid = line.StudyUid,
        SeriesUid = line.SeriesUid,
        SopUid = line.SopUid,
        FrameCount = line.Frames,
    };

    /// <summary>Writes files and their manifest, so that the folder can serve as a corpus.</summary>
    public static void Write(string folder, IEnumerable<TestFile> files)
    {
        List<string> lines = ["file\tsize\texpect\tts\tstudy\tseries\tsop\tframes"];
        foreach (TestFile file in files)
        {
            string path = Path.Combine(folder, file.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Bytes.Span);
            lines.Add(string.Join(
                '\t',
                file.Name,
                file.Bytes.Length,
                file.Expectation.ToString().ToLowerInvariant(),
                file.TransferSyntaxUid,
                file.StudyUid,
                file.SeriesUid,
                file.SopUid,
                file.FrameCount));
        }

        File.WriteAllLines(Path.Combine(folder, "manifest.tsv"), lines);
    }

    private static CorpusLine Parse(string[] names, string[] fields)
    {
        return new(Field("file") ?? "", Enum.Parse<Expectation>(Field("expect") ?? "", ignoreCase: true))
        {
            TransferSyntaxUid = Field("ts"),
            StudyUid = Field("study"),
            SeriesUid = Field("series"),
            SopUid = Field("sop"),
            Frames = int.TryParse(Field("frames"), NumberStyles.None, CultureInfo.InvariantCulture, out int frames) ? frames : null,
            Odd = Field("odd"),
        };

        string? Field(string name)
        {
            int index = Array.IndexOf(names, name);
            return index >= 0 && index < fields.Length && fields[index].Length > 0 ? fields[index] : null;
        }
    }
}

/// <summary>A line of a corpus manifest; null fields are not in it.</summary>
/// <param name="File">Path below the corpus folder.</param>
/// <param name="Expectation">The expected result of storing the file.</param>
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
