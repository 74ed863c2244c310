using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Grains.Tests.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Silo.Tests.Cluster;

public sealed class RemoteCallTests : ClusterFixture
{
    private static readonly StudyKey Key = Arrivals.Study(1);

    [Fact]
    public async Task A_call_of_another_process_is_committed_before_it_is_answered()
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);
        await using GatewayFixture gateway = new(Table);
        InstanceArrival arrival = Arrivals.Of(Key, 1);

        StoreAnswer answer = await gateway.StoreAsync(arrival);

        Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome);
        Assert.False(answer.MayCommitLater);
        InstanceState row = Assert.Single(await Store.ListInstancesAsync(Key, null, CancellationToken.None));
        Assert.Equal(arrival.State.Object, row.Object);
        Assert.Equal(row, answer.Committed);
    }

    [Fact]
    public async Task Deletions_and_claims_of_another_process_are_answered_as_within_one()
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);
        await using GatewayFixture gateway = new(Table);
        await gateway.StoreAsync(Arrivals.Of(Key, 1));
        await gateway.StoreAsync(Arrivals.Of(Key, 2));

        Assert.False(await gateway.Study(Key).ReviseAsync(new RevisionClaim(Key, 0, 42), CancellationToken.None));
        Assert.Equal(2, await gateway.Study(Key).DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
        Assert.Equal(0, await gateway.Study(Key).DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
    }

    [Fact]
    public async Task Studies_are_spread_over_the_silos_and_each_stays_with_one()
    {
        await using SiloFixture one = await SiloFixture.StartAsync(Store, Table);
        await using SiloFixture other = await SiloFixture.StartAsync(Store, Table);
        await using GatewayFixture gateway = new(Table);
        await using GatewayFixture second = new(Table);

        foreach (int study in Enumerable.Range(0, 24))
        {
            await gateway.StoreAsync(Arrivals.Of(Arrivals.Study(study), 1));
            await second.StoreAsync(Arrivals.Of(Arrivals.Study(study), 2));
        }

        Assert.Equal(24, one.Directory.Count + other.Directory.Count);
        Assert.True(one.Directory.Count > 0 && other.Directory.Count > 0);
    }

    [Fact]
    public async Task A_process_of_a_cluster_without_a_key_does_not_start()
    {
        InvalidDataException silo = await Assert.ThrowsAsync<InvalidDataException>(
            () => SiloFixture.StartAsync(Store, Table, ClusterSettings.Default with { Key = null }));
        InvalidDataException gateway = Assert.Throws<InvalidDataException>(
            () => new GatewayFixture(Table, ClusterSettings.Default with { Key = null }));

        Assert.Contains("CLUSTER_KEY", silo.Message, StringComparison.Ordinal);
        Assert.Contains("CLUSTER_KEY", gateway.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_beyond_the_queue_of_the_gateway_are_told_to_try_later()
    {
        TaskCompletionSource hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        GatedStore store = new(Store) { Gate = hold.Task };
        await using SiloFixture silo = await SiloFixture.StartAsync(store, Table);
        ClusterOptions options = ClusterSettings.Default with { Calls = ClusterSettings.Default.Calls with { MaxWaitingCalls = 1 } };
        await using GatewayFixture gateway = new(Table, options);

        Task<StoreAnswer> first = gateway.StoreAsync(Arrivals.Of(Key, 1));
        await store.CommitBegan.WaitAsync();
        await Assert.ThrowsAsync<GrainOverloadedException>(() => gateway.StoreAsync(Arrivals.Of(Key, 2)));
        hold.SetResult();

        Assert.Equal(StoreAnswer.Kind.Added, (await first).Outcome);
    }

    [Fact]
    public async Task A_silo_without_room_is_asked_again_and_then_given_up()
    {
        TaskCompletionSource hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        GatedStore store = new(Store) { Gate = hold.Task };
        await using SiloFixture silo = await SiloFixture.StartAsync(store, Table, grains: new GrainOptions { MailboxCapacity = 1 });
        await using GatewayFixture gateway = new(Table);
        Task<StoreAnswer> first = gateway.StoreAsync(Arrivals.Of(Key, 1));
        await store.CommitBegan.WaitAsync();

        // One of them waits in the mailbox, the others find it full at every try.
        Task<StoreAnswer>[] others = [.. Enumerable.Range(2, 3).Select(instance => gateway.StoreAsync(Arrivals.Of(Key, instance)))];
        List<Task<StoreAnswer>> waiting = [.. others];
        for (int refused = 0; refused < 2; refused++)
        {
            Task<StoreAnswer> over = await Task.WhenAny(waiting);
            waiting.Remove(over);
            await Assert.ThrowsAsync<GrainOverloadedException>(() => over);
        }

        hold.SetResult();
        Assert.Equal(StoreAnswer.Kind.Added, (await first).Outcome);
        Assert.Equal(StoreAnswer.Kind.Added, (await waiting[0]).Outcome);
        Assert.Equal(2, (await Store.ListInstancesAsync(Key, null, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_full_mailbox_that_empties_is_only_a_delay()
    {
        TaskCompletionSource hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        GatedStore store = new(Store) { Gate = hold.Task };
        await using SiloFixture silo = await SiloFixture.StartAsync(store, Table, grains: new GrainOptions { MailboxCapacity = 1 });
        await using GatewayFixture gateway = new(Table);
        Task<StoreAnswer> first = gateway.StoreAsync(Arrivals.Of(Key, 1));
        await store.CommitBegan.WaitAsync();
        Task<StoreAnswer>[] others = [.. Enumerable.Range(2, 2).Select(instance => gateway.StoreAsync(Arrivals.Of(Key, instance)))];

        hold.SetResult();

        Assert.All(await Task.WhenAll([first, .. others]), answer => Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome));
    }

    [Fact]
    public async Task Whether_the_manifest_is_full_or_away_crosses_the_wire()
    {
        GatedStore store = new(Store) { Fault = () => new ManifestUnavailableException("No space is left.") { IsFull = true } };
        await using SiloFixture silo = await SiloFixture.StartAsync(store, Table);
        await using GatewayFixture gateway = new(Table);

        Assert.True((await Assert.ThrowsAsync<ManifestUnavailableException>(() => gateway.StoreAsync(Arrivals.Of(Key, 1)))).IsFull);
        store.Fault = () => new ManifestUnavailableException("It cannot be reached.");
        Assert.False((await Assert.ThrowsAsync<ManifestUnavailableException>(() => gateway.StoreAsync(Arrivals.Of(Key, 1)))).IsFull);
    }
}
