using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;
using Npgsql;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>Several processes on one database, and connections that die.</summary>
public sealed class PostgresFaultTests : IAsyncLifetime
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

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

    /// <summary>Holds for any locked row of the study, and for any number of other studies in the group.</summary>
    [Theory]
    [InlineData("SELECT id FROM imaging.study WHERE study_uid = $1 FOR UPDATE")]
    [InlineData("SELECT r.id FROM imaging.series r JOIN imaging.study s ON s.id = r.study_id WHERE s.study_uid = $1 FOR UPDATE OF r")]
    public async Task A_study_that_somebody_holds_costs_only_its_own_change_which_is_committed_alone_when_it_is_free(string lockSql)
    {
        SampleStudy held = await StoreOneAsync();
        SampleStudy[] free = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => StoreOneAsync()));
        StudyChange change = held.Store(SampleStudy.Instance(held.Series()));
        Task<StudyCommitResult> alone;
        await using (await HoldAsync(held, lockSql))
        {
            IReadOnlyList<StudyCommitResult> results = await Store.CommitAsync(
                [free[0].Change(), change, .. free.Skip(1).Select(study => study.Change())], CancellationToken.None);

            Assert.Equal(StudyCommitResult.Contended, results[1]);
            Assert.Equal(9, results.Count(result => result == StudyCommitResult.Committed));
            alone = Store.CommitAloneAsync(change, CancellationToken.None);
            await WaitForWaiterAsync();
        }

        Assert.Equal(StudyCommitResult.Committed, await alone);
    }

    [Fact]
    public async Task A_study_that_stays_held_is_a_conflict_in_the_end()
    {
        SampleStudy held = await StoreOneAsync();
        await using NpgsqlConnection holder = await HoldAsync(held);

        Assert.Equal(
            StudyCommitResult.VersionConflict, await Store.CommitAloneAsync(held.Change(), CancellationToken.None).WaitAsync(TestTimeout));
    }

    [Fact]
    public async Task A_connection_that_dies_during_a_commit_is_told_as_unavailable_and_the_next_one_commits()
    {
        SampleStudy study = await StoreOneAsync();
        await using (NpgsqlConnection holder = await HoldAsync(study))
        {
            Task<StudyCommitResult> commit = Store.CommitAloneAsync(study.Change(), CancellationToken.None);
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
            Task<StudyCommitResult> commit = Store.CommitAloneAsync(study.Change(), cancellation.Token);
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
                StudyChange change = study.Store(instance) with
                {
                    Events = SampleStudy.EventsOf(instance),
                    Timing = new RevisionTiming(TimeSpan.FromHours(1), TimeSpan.FromHours(1))
                };
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

        await waiting.WaitAsync(TestTimeout);
    }

    /// <summary>
    /// After a restore the log may be shorter: a reader that knows of more events must not be woken for nothing again and again.
    /// </summary>
    [Fact]
    public async Task Who_waits_behind_the_end_of_a_log_that_went_back_is_not_woken_before_there_is_more()
    {
        SampleStudy study = new();
        for (int number = 0; number < 3; number++)
        {
            InstanceChange instance = SampleStudy.Instance(study.Series());
            Assert.Equal(
                [StudyCommitResult.Committed],
                await Store.CommitAsync([study.Store(instance) with { Events = SampleStudy.EventsOf(instance) }], CancellationToken.None));
            study.Version++;
        }

        await Store.Events.WaitAsync(5, CancellationToken.None).WaitAsync(TestTimeout);
        await _backend!.ExecuteAsync(
            "BEGIN; DELETE FROM imaging.event WHERE sequence > 2; UPDATE imaging.event_log SET latest = 2; COMMIT");

        using CancellationTokenSource deadline = new(TestTimeout);
        Task waiting;
        while ((waiting = Store.Events.WaitAsync(2, CancellationToken.None)).IsCompleted)
        {
            deadline.Token.ThrowIfCancellationRequested();
        }

        InstanceChange next = SampleStudy.Instance(study.Series());
        await Store.CommitAsync([study.Store(next) with { Events = SampleStudy.EventsOf(next) }], CancellationToken.None);
        await waiting.WaitAsync(TestTimeout);
        Assert.Equal(4, (await Store.Events.GetBoundsAsync(CancellationToken.None)).Latest);
    }

    [Fact]
    public async Task Events_of_a_process_that_died_are_numbered_by_another()
    {
        SampleStudy study = await StoreOneAsync();
        await _backend!.ExecuteAsync("INSERT INTO imaging.event_inbox (type, occurred_at, study_id) SELECT 1, 0, id FROM imaging.study");

        await Store.Events.WaitAsync(0, CancellationToken.None).WaitAsync(TestTimeout);

        LoggedEvent logged = Assert.Single((await Store.Events.ReadAsync(new EventQuery(0, 10, []), CancellationToken.None)).Events);
        Assert.Equal((1L, study.Key), (logged.Sequence, logged.Study));
    }

    private Task<PostgresManifestStore> OpenOtherAsync()
        => PostgresManifestStore.OpenAsync(_backend!.Options, Supervision.Of(TimeProvider.System), CancellationToken.None);

    /// <summary>Stores a study with one instance, at version 1.</summary>
    private async Task<SampleStudy> StoreOneAsync()
    {
        SampleStudy study = new();
        Assert.Equal(
            [StudyCommitResult.Committed],
            await Store.CommitAsync([study.Store(SampleStudy.Instance(study.Series()))], CancellationToken.None));
        study.Version = 1;
        return study;
    }

    /// <summary>Locks the row of a study as long as the connection is open.</summary>
    private async Task<NpgsqlConnection> HoldAsync(
        SampleStudy study, string lockSql = "SELECT id FROM imaging.study WHERE study_uid = $1 FOR UPDATE")
    {
        NpgsqlConnection holder = _server!.Open(_backend!.Database);
        await using NpgsqlCommand command = new NpgsqlCommand(lockSql, holder).With(study.Key.Study.Value);
        await holder.BeginTransactionAsync();
        await command.ExecuteScalarAsync();
        return holder;
    }

    private async Task<int> WaitForWaiterAsync()
    {
        await using NpgsqlConnection observer = _server!.Open(_backend!.Database);
        await using NpgsqlCommand command = new(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", observer);
        using CancellationTokenSource deadline = new(TestTimeout);
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
