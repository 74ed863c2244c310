using ImagingIngestion.Dicom.Tests.Support;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dicom.Tests.Peers;

/// <summary>pydicom, which nobody here wrote, finds the same elements, values and frames as our reader.</summary>
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

        IReadOnlyDictionary<string, PeerFile> theirs = await PydicomReader.ReadAsync([.. ours.Keys.Select(name => Path.Combine(folder, name))]);

        Assert.True(ours.Count > files.Count / 2, "Too few files could be read to compare anything.");
        KnownDisagreements.Pydicom.Check(
            files.Select(file => file.Name),
            from name in ours.Keys
            let peer = theirs[Path.Combine(folder, name)]
            from difference in PeerComparison.Differences(ours[name], peer).Concat(peer.Error is null ? [] : [$": theirs says {peer.Error}"])
            select (name, difference));
    }
}
