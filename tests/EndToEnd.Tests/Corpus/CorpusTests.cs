using System.Net;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Files = ImagingIngestion.TestData.Corpus;

namespace ImagingIngestion.EndToEnd.Tests.Corpus;

/// <summary>
/// All our files through a running server: each answer is the expected one, and stored instances are found and come back as sent.
/// </summary>
[Trait(InACluster.Trait, InACluster.Value)]
[Collection(RunningServer.Collection)]
public sealed class CorpusTests(RunningServer server)
{
    private const int PartsOfARequest = 20;

    [Fact]
    public Task Every_test_file_is_answered_as_expected_and_comes_back_as_sent() => CheckEachAsync(TestFiles.All);

    [ToolFact(Tools.Corpus)]
    public Task Every_corpus_file_is_answered_as_expected_and_comes_back_as_sent() => CheckEachAsync(Files.Files());

    [Fact]
    public Task Test_files_that_can_be_stored_are_stored_in_multipart_requests() => CheckTogetherAsync(TestFiles.All);

    [ToolFact(Tools.Corpus)]
    public Task Corpus_files_that_can_be_stored_are_stored_in_multipart_requests() => CheckTogetherAsync(Files.Files());

    private async Task CheckEachAsync(IEnumerable<TestFile> files)
    {
        CorpusChecks checks = new(server.Client);
        List<string> faults = [];
        int count = 0;
        foreach (TestFile file in files)
        {
            faults.AddRange(await checks.CheckAsync(file));
            count++;
        }

        Assert.True(
            count > 0 && faults.Count == 0,
            $"{faults.Count} faults with {count} files:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
    }

    /// <summary>Stores all files.</summary>
    /// <remarks>Those that share their UIDs replace each other or count as duplicates; one of them is there in the end.</remarks>
    private async Task CheckTogetherAsync(IEnumerable<TestFile> files)
    {
        CorpusChecks checks = new(server.Client);
        Dictionary<StoredPath, List<TestFile>> stored = [];
        List<string> faults = [];
        foreach (TestFile[] group in files.Where(file => file.Expectation == Expectation.Store).Chunk(PartsOfARequest))
        {
            StowReply reply = await server.Client.StoreAllAsync(group.Select(file => file.Bytes));
            if (!reply.IsSuccess || reply.Stored.Count != group.Length)
            {
                faults.Add($"{group[0]} and {group.Length - 1} after it: {reply.Status} {reply.Body}");
                continue;
            }

            foreach ((TestFile file, StoredPath path) in group.Zip(reply.Stored))
            {
                stored.TryAdd(path, []);
                stored[path].Add(file);
            }
        }

        foreach ((StoredPath path, List<TestFile> sent) in stored)
        {
            faults.AddRange(await checks.CheckStoredAsync(sent[0].Name, path, sent));
        }

        // The other tests need empty studies: the same content in another transfer syntax is a duplicate, and the first stays.
        foreach (StoredPath path in stored.Keys)
        {
            Assert.Equal(HttpStatusCode.NoContent, await server.Client.DeleteAsync(path));
        }

        Assert.True(
            stored.Count > 0 && faults.Count == 0,
            $"{faults.Count} faults with {stored.Count} instances:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
    }
}
