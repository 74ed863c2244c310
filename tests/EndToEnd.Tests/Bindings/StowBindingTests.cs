using System.Net;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using CorpusFiles = ImagingIngestion.TestData.Corpus;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>A STOW-RS binding between two processes of the server.</summary>
[Trait(InACluster.Trait, InACluster.Value)]
public sealed class StowBindingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public Task Every_test_file_arrives_identical_at_a_second_server() => PassOnAsync(TestFiles.All);

    [ToolFact(Tools.Corpus)]
    public Task Every_corpus_file_arrives_identical_at_a_second_server() => PassOnAsync(CorpusFiles.Files());

    [Fact]
    public async Task A_replaced_instance_replaces_that_of_the_target()
    {
        await using Server target = await Server.StartPeerAsync(_folder.Sub("target"));
        await using Server source = await BindingSource.StartAsync(_folder.Sub("source"), Studies(target));

        await source.StoreFilesAsync(BindingSource.Study("replaced", 30).Files());
        await source.WaitUntilDeliveredAsync();
        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(BindingSource.Study("replaced", 30, fill: 7).Files());

        Assert.Equal(0, await source.WaitUntilDeliveredAsync());
        await BindingSource.AssertSameAsync(source, target, paths);
    }

    [Fact]
    public async Task A_replaced_instance_that_the_target_does_not_replace_is_a_dead_letter()
    {
        await using Server target = await Server.StartPeerAsync(_folder.Sub("target"), ["env", "IMAGING__INGEST__DUPLICATEPOLICY=reject"]);
        await using Server source = await BindingSource.StartAsync(_folder.Sub("source"), Studies(target));

        await source.StoreFilesAsync(BindingSource.Study("kept", 3).Files());
        await source.WaitUntilDeliveredAsync();
        await source.StoreFilesAsync(BindingSource.Study("kept", 1, fill: 7).Files());

        Assert.Equal(1, await source.WaitUntilDeliveredAsync());
        Assert.Contains("target kept other content", await source.DeadLettersAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_that_was_deleted_and_stored_corrected_is_a_dead_letter_where_the_target_keeps_the_first()
    {
        await using Server target = await Server.StartPeerAsync(_folder.Sub("target"), ["env", "IMAGING__INGEST__DUPLICATEPOLICY=reject"]);
        await using Server source = await BindingSource.StartAsync(_folder.Sub("source"), Studies(target));
        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(BindingSource.Study("corrected", 3).Files());
        Assert.Equal(0, await source.WaitUntilDeliveredAsync());

        Assert.Equal(HttpStatusCode.NoContent, await source.Client.DeleteAsync(paths[0]));
        await source.StoreFilesAsync(BindingSource.Study("corrected", 1, fill: 7).Files());

        Assert.Equal(1, await source.WaitUntilDeliveredAsync());
        Assert.Contains("target kept other content", await source.DeadLettersAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_came_while_the_target_was_down_is_delivered_when_it_is_back()
    {
        await using Server target = await Server.StartPeerAsync(_folder.Sub("target"));
        await using StowRelay relay = await StowRelay.StartAsync(Studies(target));
        await using Server source = await BindingSource.StartAsync(_folder.Sub("source"), relay.Studies);
        relay.IsDown = true;

        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(BindingSource.Study("down", 100).Files());
        Assert.True(await BindingSource.WaitAsync(() => Task.FromResult(relay.Refused >= 8)));
        relay.IsDown = false;

        Assert.Equal(0, await source.WaitUntilDeliveredAsync());
        await BindingSource.AssertSameAsync(source, target, paths);
    }

    [Fact]
    public async Task An_instance_deleted_before_its_delivery_is_not_delivered_and_holds_up_nothing()
    {
        await using Server target = await Server.StartPeerAsync(_folder.Sub("target"));
        await using Server source = await BindingSource.StartAsync(_folder.Sub("source"), Studies(target));
        // If the target were merely down, retries that already hold the instance would be under way.
        await source.PauseBindingAsync();

        IReadOnlyList<StoredPath> paths = await source.StoreFilesAsync(BindingSource.Study("deleted", 5).Files());
        Assert.Equal(HttpStatusCode.NoContent, await source.Client.DeleteAsync(paths[2]));
        await source.ResumeBindingAsync();

        Assert.Equal(0, await source.WaitUntilDeliveredAsync());
        Assert.Empty(await target.Client.FindAsync(paths[2]));
        await BindingSource.AssertSameAsync(source, target, paths.Where((_, index) => index != 2));
    }

    public void Dispose() => _folder.Dispose();

    private static Uri Studies(Server target) => new UriBuilder(new Uri(target.Root, "dicom-web/studies")) { Host = "localhost" }.Uri;

    private async Task PassOnAsync(IEnumerable<TestFile> files)
    {
        await using Server target = await Server.StartPeerAsync(_folder.Sub("target"));
        await using Server source = await BindingSource.StartAsync(_folder.Sub("source"), Studies(target));

        IReadOnlyList<StoredPath> paths =
            await source.StoreFilesAsync(files.Where(file => file.Expectation == Expectation.Store).Select(file => file.Bytes));

        Assert.NotEmpty(paths);
        Assert.True(await source.WaitUntilDeliveredAsync() == 0, await source.DeadLettersAsync());
        await BindingSource.AssertSameAsync(source, target, paths);
    }
}
