using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Tests.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Silo.Tests.Cluster;

public sealed class FailoverTests : ClusterFixture
{
    private static readonly ClusterOptions Impatient = ClusterSettings.Default with
    {
        Calls = ClusterSettings.Default.Calls with { AttemptTimeout = TimeSpan.FromSeconds(2) },
    };

    [Fact]
    public async Task Calls_go_to_the_next_silo_when_theirs_is_killed()
    {
        SiloFixture one = await SiloFixture.StartAsync(Store, Table);
        await using SiloFixture other = await SiloFixture.StartAsync(Store, Table);
        await using GatewayFixture gateway = new(Table);
        StudyKey[] studies = [.. Enumerable.Range(0, 12).Select(Arrivals.Study)];
        await Task.WhenAll(studies.Select(study => gateway.StoreAsync(Arrivals.Of(study, 1))));

        await one.KillAsync();
        StoreAnswer[] answers = await Task.WhenAll(studies.Select(study => gateway.StoreAsync(Arrivals.Of(study, 2))));

        Assert.All(answers, answer => Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome));
        Assert.Equal(12, other.Directory.Count);
    }

    [Fact]
    public async Task A_connection_that_breaks_within_a_call_is_a_call_to_the_next_silo_whose_answer_keeps_the_object()
    {
        TaskCompletionSource hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        GatedStore store = new(Store) { Gate = hold.Task };
        SiloFixture dying = await SiloFixture.StartAsync(store, Table);
        await using GatewayFixture gateway = new(Table);
        Task<StoreAnswer> call = gateway.StoreAsync(Arrivals.Of(Arrivals.Study(1), 1));
        await store.CommitBegan.WaitAsync();
        await using SiloFixture next = await SiloFixture.StartAsync(Store, Table);

        Task killed = dying.KillAsync();
        StoreAnswer answer = await call;
        hold.SetResult();
        await killed;

        Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome);
        Assert.True(answer.MayCommitLater);
        Assert.Single(await Store.ListInstancesAsync(Arrivals.Study(1), null, CancellationToken.None));
    }

    [Fact]
    public async Task No_call_fails_while_every_silo_is_restarted_one_after_the_other()
    {
        List<SiloFixture> silos = [];
        for (int silo = 0; silo < 3; silo++)
        {
            silos.Add(await SiloFixture.StartAsync(Store, Table));
        }

        await using GatewayFixture gateway = new(Table);
        using CancellationTokenSource enough = new();
        Task<int>[] senders = [.. Enumerable.Range(0, 4).Select(sender => Task.Run(() => SendAsync(gateway, sender, enough.Token)))];
        for (int silo = 0; silo < 3; silo++)
        {
            SiloFixture old = silos[silo];
            silos.Add(await SiloFixture.StartAsync(Store, Table));
            await old.StopAsync(CancellationToken.None);
        }

        await enough.CancelAsync();
        int[] sent = await Task.WhenAll(senders);

        for (int sender = 0; sender < sent.Length; sender++)
        {
            Assert.Equal(sent[sender], (await Store.ListInstancesAsync(Arrivals.Study(sender), null, CancellationToken.None)).Count);
        }

        foreach (SiloFixture silo in silos)
        {
            await silo.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_silo_that_stops_finishes_its_calls_and_sends_new_ones_on()
    {
        TaskCompletionSource hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        GatedStore store = new(Store) { Gate = hold.Task };
        SiloFixture stopping = await SiloFixture.StartAsync(store, Table);
        await using GatewayFixture gateway = new(
            Table, ClusterSettings.Default with { Heartbeat = TimeSpan.FromSeconds(30), DeadAfter = TimeSpan.FromSeconds(90) });
        Task<StoreAnswer> first = gateway.StoreAsync(Arrivals.Of(Arrivals.Study(1), 1));
        await store.CommitBegan.WaitAsync();
        await using SiloFixture next = await SiloFixture.StartAsync(Store, Table);

        Task stopped = stopping.StopAsync(CancellationToken.None);
        StoreAnswer second = await gateway.StoreAsync(Arrivals.Of(Arrivals.Study(2), 1));
        Assert.False(first.IsCompleted);
        Assert.DoesNotContain(stopping.Entry, await Table.ListLiveAsync(TimeSpan.FromHours(1), CancellationToken.None));
        hold.SetResult();
        await stopped;

        Assert.Equal((StoreAnswer.Kind.Added, false), (second.Outcome, second.MayCommitLater));
        Assert.Equal((StoreAnswer.Kind.Added, false), ((await first).Outcome, (await first).MayCommitLater));
        Assert.Equal(1, next.Directory.Count);
    }

    [Fact]
    public async Task What_a_frozen_silo_had_decided_is_not_decided_again_after_others_went_on()
    {
        TaskCompletionSource frozen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        GatedStore store = new(Store) { Gate = frozen.Task };
        StudyKey study = Arrivals.Study(1);
        await using SiloFixture first = await SiloFixture.StartAsync(store, Table, Impatient);
        await using GatewayFixture gateway = new(Table, Impatient);
        InstanceArrival earlier = Arrivals.Of(study, 1, "earlier");
        Task<StoreAnswer> call = gateway.StoreAsync(earlier);
        await store.CommitBegan.WaitAsync();
        await using SiloFixture second = await SiloFixture.StartAsync(Store, Table, Impatient);

        Assert.Equal(StoreAnswer.Kind.Added, (await call).Outcome);
        InstanceArrival later = Arrivals.Of(study, 1, "later");
        Assert.Equal(StoreAnswer.Kind.Replaced, (await gateway.StoreAsync(later)).Outcome);
        frozen.SetResult();
        await first.StopAsync(CancellationToken.None);

        InstanceState row = Assert.Single(await Store.ListInstancesAsync(study, null, CancellationToken.None));
        Assert.Equal(later.State.Object, row.Object);
        Assert.Equal(2, (await Store.LoadStudyAsync(study, CancellationToken.None))!.Version);
    }

    [Fact]
    public async Task A_silo_that_was_frozen_before_it_decided_does_not_decide_for_a_caller_that_left()
    {
        TaskCompletionSource frozen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        GatedStore store = new(Store) { LoadGate = frozen.Task };
        StudyKey study = Arrivals.Study(1);
        await using SiloFixture first = await SiloFixture.StartAsync(store, Table, Impatient);
        await using GatewayFixture gateway = new(Table, Impatient);
        Task<StoreAnswer> call = gateway.StoreAsync(Arrivals.Of(study, 1));
        await store.LoadBegan.WaitAsync();
        await using SiloFixture second = await SiloFixture.StartAsync(Store, Table, Impatient);

        Assert.Equal(StoreAnswer.Kind.Added, (await call).Outcome);
        Assert.Equal(1, await gateway.Study(study).DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
        frozen.SetResult();
        await first.StopAsync(CancellationToken.None);

        Assert.Empty(await Store.ListInstancesAsync(study, null, CancellationToken.None));
        Assert.Equal(0, store.Commits);
    }

    [Fact]
    public async Task Without_any_silo_a_call_ends_when_its_time_is_over()
    {
        ClusterOptions options = ClusterSettings.Default with
        {
            Calls = new ClusterCallOptions { AttemptTimeout = TimeSpan.FromMilliseconds(200), Deadline = TimeSpan.FromMilliseconds(500) }
        };
        await using GatewayFixture gateway = new(Table, options);

        ManifestUnavailableException error =
            await Assert.ThrowsAsync<ManifestUnavailableException>(() => gateway.StoreAsync(Arrivals.Of(Arrivals.Study(1), 1)));

        Assert.Contains("no silo is alive", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Sends until the token is cancelled; returns the number of stored instances.</summary>
    private static async Task<int> SendAsync(GatewayFixture gateway, int sender, CancellationToken enough)
    {
        int sent = 0;
        while (!enough.IsCancellationRequested)
        {
            StoreAnswer answer = await gateway.StoreAsync(Arrivals.Of(Arrivals.Study(sender), sent), CancellationToken.None);

            // A connection may close under a call; the next silo then finds the instance stored, or stores it.
            Assert.True(
                answer.Outcome == StoreAnswer.Kind.Added || (answer is { Outcome: StoreAnswer.Kind.Duplicate, MayCommitLater: true }),
                answer.Outcome.ToString());
            sent++;
        }

        return sent;
    }
}
