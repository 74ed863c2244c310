using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using CorpusFiles = ImagingIngestion.TestData.Corpus;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>A C-STORE binding between two processes of the server.</summary>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class DimseBindingTests : IDisposable
{
    private const string OurTitle = "DICOM-INGEST";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task Every_test_file_arrives_identical_at_a_second_server() => PassOnAsync(TestFiles.All);

    [ToolFact(Tools.Corpus)]
    public Task Every_corpus_file_arrives_identical_at_a_second_server() => PassOnAsync(CorpusFiles.Files());

    [Fact]
    public async Task A_replaced_instance_replaces_that_of_the_target()
    {
        await using Server target = await Server.StartPeerAsync(_folder.Sub("target"));
        await using Server source = await BindingSource.StartDimseAsync(_folder.Sub("source"), target.DimsePort, OurTitle);

        await source.StoreFilesAsync(BindingSource.Study("dimse replaced", 10).Files());
        await source.WaitUntilDeliveredAsync();
        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(BindingSource.Study("dimse replaced", 10, fill: 7).Files());

        Assert.Equal(0, await source.WaitUntilDeliveredAsync());
        await BindingSource.AssertSameAsync(source, target, paths);
    }

    [Fact]
    public async Task A_replaced_instance_that_the_target_does_not_replace_is_a_dead_letter()
    {
        await using Server target = await Server.StartPeerAsync(_folder.Sub("target"), ["env", "IMAGING__INGEST__DUPLICATEPOLICY=reject"]);
        await using Server source = await BindingSource.StartDimseAsync(_folder.Sub("source"), target.DimsePort, OurTitle);

        await source.StoreFilesAsync(BindingSource.Study("dimse kept", 3).Files());
        await source.WaitUntilDeliveredAsync();
        await source.StoreFilesAsync(BindingSource.Study("dimse kept", 1, fill: 7).Files());

        Assert.Equal(1, await source.WaitUntilDeliveredAsync());
        Assert.Contains("target kept other content", await source.DeadLettersAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_killed_while_it_delivers_delivers_everything()
    {
        await using Server target = await Server.StartPeerAsync(_folder.Sub("target"));
        IReadOnlyList<StoredPath> paths;
        await using (Server source = await BindingSource.StartDimseAsync(_folder.Sub("source"), target.DimsePort, OurTitle))
        {
            await source.PauseBindingAsync();
            paths = await source.StoreFilesAsync(BindingSource.Study("dimse killed", 200).Files());
            await source.ResumeBindingAsync();
            Assert.True(await BindingSource.WaitAsync(async () => (await target.Client.GetStringAsync("changefeed/latest")).Contains(
                "latest", StringComparison.Ordinal) && await HasAnyAsync(target)));
            await source.KillAsync();
            await source.Stores.EndLeasesAsync();
        }

        await using Server again = await BindingSource.StartDimseAsync(_folder.Sub("source"), target.DimsePort, OurTitle);
        Assert.Equal(0, await again.WaitUntilDeliveredAsync());
        await BindingSource.AssertSameAsync(again, target, paths);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<bool> HasAnyAsync(Server target)
    {
        using HttpResponseMessage response = await target.Client.GetAsync("dicom-web/instances?limit=1");
        return response.IsSuccessStatusCode && (await response.Content.ReadAsStringAsync()).Length > 2;
    }

    private async Task PassOnAsync(IEnumerable<TestFile> files)
    {
        await using Server target = await Server.StartPeerAsync(_folder.Sub("target"));
        await using Server source = await BindingSource.StartDimseAsync(_folder.Sub("source"), target.DimsePort, OurTitle);

        IReadOnlyList<StoredPath> paths =
            await source.StoreFilesAsync(files.Where(file => file.Expectation == Expectation.Store).Select(file => file.Bytes));

        Assert.NotEmpty(paths);
        Assert.True(await source.WaitUntilDeliveredAsync() == 0, await source.DeadLettersAsync());
        await BindingSource.AssertSameAsync(source, target, paths);
    }
}
