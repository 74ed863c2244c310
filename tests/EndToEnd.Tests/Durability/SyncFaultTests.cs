using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>A disk that does not confirm: the server acknowledges nothing, and works again without a restart once the disk does.</summary>
public sealed class SyncFaultTests
{
    private const string Log = "manifest.db-wal";

    [ToolFact(Tools.Strace)]
    public Task A_store_fails_while_objects_cannot_be_synced_and_succeeds_afterwards() => CheckAsync("fsync:error=EIO");

    /// <summary>The first sync of a thread is the one of the data.</summary>
    [ToolFact(Tools.Strace)]
    public Task A_store_fails_while_only_folders_cannot_be_synced_and_succeeds_afterwards() => CheckAsync("fsync:error=EIO:when=2+");

    [ToolFact(Tools.Strace)]
    public Task A_store_fails_while_objects_cannot_be_written_and_succeeds_afterwards() => CheckAsync("pwrite64:error=ENOSPC");

    [ToolFact(Tools.Strace)]
    public Task A_store_fails_while_the_manifest_cannot_be_synced_and_succeeds_afterwards() => CheckAsync("fsync,fdatasync:error=EIO", Log);

    [ToolFact(Tools.Strace)]
    public Task A_store_fails_while_the_manifest_cannot_be_written_and_succeeds_afterwards()
        => CheckAsync("write,pwrite64:error=ENOSPC", Log);

    /// <summary>The log may hold unsynced data, so the instance may still appear; then it is whole, because its object was kept.</summary>
    [ToolFact(Tools.Strace)]
    public async Task An_instance_whose_commit_failed_before_a_kill_is_there_whole_or_not_at_all()
    {
        using TemporaryFolder folder = new();
        TestInstance instance = new("failed, then killed") { PixelData = new byte[64] };
        StoredPath path = new(instance.StudyUid, instance.SeriesUid, instance.SopUid);
        await using (Server server = await Server.StartAsync(folder.Sub("data")))
        {
            await using FaultInjector injector = await FaultInjector.AttachAsync(
                server.ProcessId, "fsync,fdatasync:error=EIO", folder.Sub("trace"), Path.Combine(folder.Sub("data"), Log));
            Assert.Equal(503, (await server.Client.StoreAsync(instance.ToPart10())).Status);
            await server.KillAsync();
        }

        await using Server restarted = await Server.StartAsync(folder.Sub("data"));
        if ((await restarted.Client.FindAsync(path)).Count > 0)
        {
            await CheckHasAsync(restarted, instance);
        }

        await CheckWorksAsync(restarted, instance, path);
    }

    private static async Task CheckAsync(string inject, string? file = null)
    {
        using TemporaryFolder folder = new();
        await using Server server = await Server.StartAsync(folder.Sub("data"));
        TestInstance before = new("before the fault") { PixelData = new byte[64] };
        TestInstance instance = new("during the fault") { PixelData = new byte[64] };
        StoredPath path = new(instance.StudyUid, instance.SeriesUid, instance.SopUid);
        Assert.Equal(200, (await server.Client.StoreAsync(before.ToPart10())).Status);

        int injected;
        await using (FaultInjector injector = await FaultInjector.AttachAsync(
            server.ProcessId, inject, folder.Sub("trace"), file is null ? null : Path.Combine(folder.Sub("data"), file)))
        {
            StowReply failed = await server.Client.StoreAsync(instance.ToPart10());
            StowReply again = await server.Client.StoreAsync(instance.ToPart10());

            Assert.Equal([503, 503], [failed.Status, again.Status]);
            Assert.Empty(failed.Stored);
            Assert.Empty(await server.Client.FindAsync(path));
            injected = await injector.DetachAsync();
        }

        Assert.True(injected > 0, "No call was made to fail.");
        Assert.Empty(await server.Client.FindAsync(path));
        await CheckWorksAsync(server, instance, path);
        await server.KillAsync();

        await using Server restarted = await Server.StartAsync(folder.Sub("data"));
        await CheckHasAsync(restarted, before);
        await CheckHasAsync(restarted, instance);
    }

    private static async Task CheckWorksAsync(Server server, TestInstance instance, StoredPath path)
    {
        StowReply stored = await server.Client.StoreAsync(instance.ToPart10());
        Assert.True(stored.Status == 200, $"{stored.Status} {stored.Body}{Environment.NewLine}{server.Output}");
        Assert.Equal([path], stored.Stored);
        await CheckHasAsync(server, instance);
    }

    private static async Task CheckHasAsync(Server server, TestInstance instance)
    {
        StoredPath path = new(instance.StudyUid, instance.SeriesUid, instance.SopUid);
        Assert.Single(await server.Client.FindAsync(path));
        byte[] back = await server.Client.RetrieveAsync(path);
        Assert.Equal(instance.ToDataSet(), Part10Split.DataSet(back).ToArray());
    }
}
