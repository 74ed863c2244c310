using System.Collections.Concurrent;
using System.Text.Json;
using ImagingIngestion.Dicom.Tests.Support;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dicom.Tests.Peers;

/// <summary>DCMTK, an independent implementation, finds the same elements and values as our reader.</summary>
public sealed class DcmtkTests
{
    [ToolFact(Tools.Dcmtk)]
    public async Task Dcmtk_finds_the_same_in_every_test_file()
    {
        string folder = Directory.CreateTempSubdirectory("imaging-peers-").FullName;
        try
        {
            Corpus.Write(folder, TestFiles.All);
            await CompareAsync(folder, TestFiles.All);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [ToolFact(Tools.Dcmtk, Tools.Corpus)]
    public Task Dcmtk_finds_the_same_in_every_file_of_the_corpus() => CompareAsync(Corpus.Folder!, [.. Corpus.Files()]);

    private static async Task CompareAsync(string folder, IReadOnlyList<TestFile> files)
    {
        Dictionary<string, ReadFile> ours = [];
        foreach (TestFile file in files)
        {
            if (ReadFile.TryRead(file.Bytes, out _) is { IsIdentified: true } read)
            {
                ours[file.Name] = read;
            }
        }

        IReadOnlyDictionary<string, (JsonElement? Dataset, string Error)> theirs =
            await Dcm2JsonReader.ReadAsync(ours.Keys.Select(name => Path.Combine(folder, name)));

        Assert.True(ours.Count > files.Count / 2, "Too few files could be read to compare anything.");
        KnownDisagreements.Dcmtk.Check(
            files.Select(file => file.Name),
            from name in ours.Keys
            let peer = theirs[Path.Combine(folder, name)]
            from difference in peer.Dataset is { } dataset
                ? new JsonComparison(ours[name]).Differences(dataset)
                : [$": theirs says {peer.Error}"]
            select (name, difference));
    }
}

/// <summary>Runs DCMTK's dcm2json on many files: a process for each, and as many at once as there are processors.</summary>
internal static class Dcm2JsonReader
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>dcm2json stops at encapsulated pixel data and leaves a comma; the text before it is good.</summary>
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, MaxDepth = 512 };

    /// <summary>Returns the data set of each file as DICOM JSON, or null with the error message.</summary>
    public static async Task<IReadOnlyDictionary<string, (JsonElement? Dataset, string Error)>> ReadAsync(IEnumerable<string> paths)
    {
        ConcurrentDictionary<string, (JsonElement?, string)> results = [];
        await Parallel.ForEachAsync(paths, async (path, _) =>
        {
            (int _, string output, string error) = await ExternalProcess.RunAsync("dcm2json", [path], "", Timeout);
            results[path] = Parse(output, error);
        });
        return results;
    }

    private static (JsonElement? Dataset, string Error) Parse(string output, string error)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(output, Lenient);
            return (document.RootElement.Clone(), error);
        }
        catch (JsonException exception)
        {
            return (null, $"{error} {exception.Message}");
        }
    }
}
