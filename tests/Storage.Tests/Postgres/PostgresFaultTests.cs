using ImagingIngestion.Grains;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;
using Npgsql;

namespace ImagingIngestion.Storage.Tests;

/// <summary>Several processes on one database, and connections that die.</summary>
public sealed class PostgresFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private PostgresServer? _server;
    private PostgresBackend? _backend;

    private PostgresManifestStore Store => _backend!.Store;

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.SharedAsync();
        _backend = await PostgresBackend.CreateAsync();
    }

    public async Task DisposeAsync() => await _backend!.DisposeAsync();

    [Fact]
    public async Task Of_two_processes_one_conflicts_and_the_rest_of_its_group_commits()
    {
        await using PostgresManifestStore other = await OpenOtherAsync();
        SampleStudy contested = new();
        StudyChange mine = contested.Store(SampleStudy.Instance(contested.Series()));
        SampleStudy rival = new(contested.Key);
        StudyChange theirs = rival.Store(SampleStudy.Instance(rival.Series()));
        SampleStudy refused = new();
        InstanceChange impossible = SampleStudy.Instance(refused.Series());
        impossible = impossible with { State = impossible.State with { ObjectLength = -1 } };
        SampleStudy good = new();

        Assert.Equal([StudyCommitResult.Committed], await Store.CommitAsync([mine], CancellationToken.None));
        IReadOnlyList<StudyCommitResult> results = await other.CommitAsync(
            [theirs, refused.Store(impossible), good.Store(SampleStudy.Instance(good.Series()))], CancellationToken.None);

        Assert.Equal([StudyCommitResult.VersionConflict, StudyCommitResult.Refused, StudyCommitResult.Committed], results);
        Assert.Equal(1, (await Store.LoadStudyAsync(contested.Key, CancellationToken.None))!.InstanceCount);
        Assert.NotNull(await Store.LoadStudyAsync(good.Key, CancellationToken.None));
    }

    [Fact]
    public async Task A_study_that_somebody_holds_costs_only_its_own_change()
    {
        SampleStudy held = await StoreOneAsync();
        SampleStudy free = await StoreOneAsync();
        await using NpgsqlConnection holder = await HoldAsync(held);

        IReadOnlyList<StudyCommitResult> results = await Store.CommitAsync([held.Change(), free.Change()], CancellationToken.None).WaitAsync(Patience);

        Assert.Equal([StudyCommitResult.VersionConflict, StudyCommitResult.Committed], results);
    }

    [Fact]
    public async Task A_connection_that_dies_during_a_commit_is_told_as_unavailable_and_the_next_one_commits()
    {
        SampleStudy study = await StoreOneAsync();
        await using (NpgsqlConnection holder = await HoldAsync(study))
        {
            Task<IReadOnlyList<StudyCommitResult>> commit = Store.CommitAsync([study.Change()], CancellationToken.None);
            await KillWhoWaitsAsync();

            await Assert.ThrowsAsync<ManifestUnavailableException>(() => commit);
        }

        Assert.Equal([StudyCommitResult.Committed], await Store.CommitAsync([study.Change()], CancellationToken.None));
    }

    [Fact]
    public async Task A_commit_that_is_given_up_while_it_waits_writes_nothing()
    {
        SampleStudy study = await StoreOneAsync();
        using CancellationTokenSource cancellation = new();
        await using (NpgsqlConnection holder = await HoldAsync(study))
        {
            Task<IReadOnlyList<StudyCommitResult>> commit = Store.CommitAsync([study.Change()], cancellation.Token);
            await WaitForWaiterAsync();
            await cancellation.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => commit);
        }

        Assert.Equal(1, (await Store.LoadStudyAsync(study.Key, CancellationToken.None))!.Version);
    }

    [Fact]
    public async Task Two_sequencers_give_dense_numbers_in_the_order_of_each_study()
    {
        await using PostgresManifestStore other = await OpenOtherAsync();
        PostgresManifestStore[] stores = [Store, other];
        SampleStudy[] studies = [.. Enumerable.Range(0, 12).Select(_ => new SampleStudy())];
        List<InstanceId>[] stored = [.. studies.Select(_ => new List<InstanceId>())];
        await Task.WhenAll(studies.Select((study, index) => Task.Run(async () =>
        {
            for (int number = 0; number < 10; number++)
            {
                InstanceChange instance = SampleStudy.Instance(study.Series());
                StudyChange change = study.Store(instance) with { Events = SampleStudy.EventsOf(instance) };
                PostgresManifestStore store = stores[(index + number) % 2];
                Assert.Equal([StudyCommitResult.Committed], await store.CommitAsync([change], CancellationToken.None));
                study.Version++;
                stored[index].Add(instance.State.Id);
                await store.NumberEventsAsync(CancellationToken.None);
            }
        })));

        IReadOnlyList<LoggedEvent> events = (await other.Events.ReadAsync(new EventQuery(0, 1000, []), CancellationToken.None)).Events;

        Assert.Equal(Enumerable.Range(1, 240).Select(number => (long)number), events.Select(logged => logged.Sequence));
        foreach ((SampleStudy study, List<InstanceId> instances) in studies.Zip(stored))
        {
            Assert.Equal(
                instances.SelectMany(id => new[] { (id, EventType.ImageStored), (id, EventType.DicomAvailable) }),
                events.Where(logged => logged.Study == study.Key).Select(logged => (logged.Content.Instance!.Value, logged.Content.Type)));
        }
    }

    [Fact]
    public async Task Who_waits_in_one_process_hears_of_a_commit_in_another()
    {
        await using PostgresManifestStore other = await OpenOtherAsync();
        Task waiting = other.Events.WaitAsync(0, CancellationToken.None);
        SampleStudy study = new();
        InstanceChange instance = SampleStudy.Instance(study.Series());

        await Store.CommitAsync([study.Store(instance) with { Events = SampleStudy.EventsOf(instance) }], CancellationToken.None);

        await waiting.WaitAsync(Patience);
    }

    [Fact]
    public async Task Events_of_a_process_that_died_are_numbered_by_another()
    {
        SampleStudy study = await StoreOneAsync();
        await _backend!.ExecuteAsync("INSERT INTO imaging.event_inbox (type, occurred_at, study_id) SELECT 1, 0, id FROM imaging.study");

        await Store.Events.WaitAsync(0, CancellationToken.None).WaitAsync(Patience);

        LoggedEvent logged = Assert.Single((await Store.Events.ReadAsync(new EventQuery(0, 10, []), CancellationToken.None)).Events);
        Assert.Equal((1L, study.Key), (logged.Sequence, logged.Study));
    }

    private Task<PostgresManifestStore> OpenOtherAsync() => PostgresManifestStore.OpenAsync(_backend!.Options, Supervision.Of(TimeProvider.System), CancellationToken.None);

    /// <summary>A study with one instance, at version 1.</summary>
    private async Task<SampleStudy> StoreOneAsync()
    {
        SampleStudy study = new();
        Assert.Equal([StudyCommitResult.Committed], await Store.CommitAsync([study.Store(SampleStudy.Instance(study.Series()))], CancellationToken.None));
        study.Version = 1;
        return study;
    }

    /// <summary>Locks the row of a study as long as the connection is open.</summary>
    private async Task<NpgsqlConnection> HoldAsync(SampleStudy study)
    {
        NpgsqlConnection holder = _server!.Open(_backend!.Database);
        await using NpgsqlCommand command = new NpgsqlCommand("SELECT id FROM imaging.study WHERE study_uid = $1 FOR UPDATE", holder).With(study.Key.Study.Value);
        await holder.BeginTransactionAsync();
        await command.ExecuteScalarAsync();
        return holder;
    }

    private async Task<int> WaitForWaiterAsync()
    {
        await using NpgsqlConnection observer = _server!.Open(_backend!.Database);
        await using NpgsqlCommand command = new("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", observer);
        using CancellationTokenSource deadline = new(Patience);
        while (true)
        {
            if (await command.ExecuteScalarAsync(deadline.Token) is int process)
            {
                return process;
            }
        }
    }

    private async Task KillWhoWaitsAsync()
    {
        int process = await WaitForWaiterAsync();
        await using NpgsqlConnection observer = _server!.Open(_backend!.Database);
        await using NpgsqlCommand command = new NpgsqlCommand("SELECT pg_terminate_backend($1)", observer).With(process);
        await command.ExecuteScalarAsync();
    }
}
