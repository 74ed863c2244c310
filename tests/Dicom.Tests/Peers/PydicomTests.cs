using System.Text.Json;
using ImagingIngestion.Dicom.Tests.Support;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dicom.Tests.Peers;

/// <summary>pydicom, an independent implementation, finds the same elements, values and frames as our reader.</summary>
public sealed class PydicomTests
{
    [ToolFact(Tools.Pydicom)]
    public async Task Pydicom_finds_the_same_in_every_test_file()
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

    [ToolFact(Tools.Pydicom, Tools.Corpus)]
    public Task Pydicom_finds_the_same_in_every_file_of_the_corpus() => CompareAsync(Corpus.Folder!, [.. Corpus.Files()]);

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

        IReadOnlyDictionary<string, PeerFile> theirs =
            await PydicomReader.ReadAsync([.. ours.Keys.Select(name => Path.Combine(folder, name))]);

        Assert.True(ours.Count > files.Count / 2, "Too few files could be read to compare anything.");
        KnownDisagreements.Pydicom.Check(
            files.Select(file => file.Name),
            from name in ours.Keys
            let peer = theirs[Path.Combine(folder, name)]
            from difference in PeerComparison.Differences(ours[name], peer).Concat(
                peer.Error is null ? [] : [$": theirs says {peer.Error}"])
            select (name, difference));
    }
}

/// <summary>The result of another reader for a file.</summary>
/// <param name="Path">The file.</param>
/// <param name="Error">The reason why it could not read all of it, else null.</param>
/// <param name="Elements">Every element, items included.</param>
/// <param name="FrameHashes">SHA-256 of each frame; null if unknown.</param>
internal sealed record PeerFile(string Path, string? Error, IReadOnlyList<PeerElement> Elements, IReadOnlyList<string>? FrameHashes);

/// <summary>An element as another reader sees it.</summary>
/// <param name="Path">Tags and 0-based item numbers.</param>
/// <param name="VR">Its value representation.</param>
/// <param name="Length">Bytes of the value field, or items of a sequence; -1 if unknown.</param>
/// <param name="Hash">SHA-256 of the value field in little endian.</param>
/// <param name="Texts">Decoded values of text in Specific Character Set.</param>
internal sealed record PeerElement(string Path, string VR, long Length, string? Hash, IReadOnlyList<string>? Texts);

/// <summary>Runs pydicom over many files at once.</summary>
internal static class PydicomReader
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    /// <summary>Returns pydicom's result for each file, by path.</summary>
    public static async Task<IReadOnlyDictionary<string, PeerFile>> ReadAsync(IReadOnlyCollection<string> paths)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Peers", "pydicom_dump.py");
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
            Tools.Python, [script], string.Join('\n', paths) + "\n", Timeout,
            new Dictionary<string, string> { ["PYTHONIOENCODING"] = "utf-8:surrogateescape" });
        Assert.True(exitCode == 0, error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToDictionary(file => file.Path);
    }

    private static PeerFile Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        return new PeerFile(
            root.GetProperty("file").GetString()!,
            root.GetProperty("error").GetString(),
            [.. root.GetProperty("elements").EnumerateArray().Select(Element)],
            root.GetProperty("frames") is { ValueKind: JsonValueKind.Array } frames
                ? [.. frames.EnumerateArray().Select(frame => frame[1].GetString()!)]
                : null);
    }

    private static PeerElement Element(JsonElement row)
        => new(
            row[0].GetString()!,
            row[1].GetString()!,
            row[2].GetInt64(),
            row[3].GetString(),
            row[4].ValueKind == JsonValueKind.Array ? [.. row[4].EnumerateArray().Select(Text)] : null);

    /// <summary>Returns text; Python prints undecodable bytes as lone surrogates, which .NET does not read.</summary>
    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }
}
