using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Npgsql;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>
/// An operator of the database can stop the events for a while: it is reported, and the events go on by themselves afterwards.
/// </summary>
public sealed class PostgresSilenceTests : IAsyncLifetime
{
    private const string Numbering = "\"numbering of events\"";
    private const string Hearing = "\"hearing of numbered events\"";
    private const string Failed = " failed (1 times in a row)";
    private const string WorksAgain = " works again after";

    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(60);

    private readonly FakeLogCollector _log = new();
    private readonly SampleStudy _study = new();
    private Supervision? _supervision;
    private string? _role;
    private string? _database;
    private PostgresServer? _server;
    private PostgresManifestStore? _store;

    /// <summary>The store runs as an ordinary user, which can lose a right.</summary>
    public async Task InitializeAsync()
    {
        _server = await PostgresServer.SharedAsync();
        _database = await PostgresTemplate.CreateDatabaseAsync();
        _role = $"role_{Guid.NewGuid():N}";
        await ExecuteAsync("CREATE OR REPLACE FUNCTION imaging.now_us() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT (extract(epoch "
            + "FROM clock_timestamp()) * 1000000)::bigint $$");
        await ExecuteAsync($"CREATE ROLE {_role} LOGIN PASSWORD 'secret'; GRANT USAGE ON SCHEMA imaging TO {_role}; GRANT ALL ON ALL "
            + $"TABLES IN SCHEMA imaging TO {_role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA imaging TO {_role}");
        _supervision = new Supervision(TimeProvider.System, _log.ToFactory());
        DatabaseOptions options = _server.Options(_database) with { User = _role, Password = "secret" };
        _store = await PostgresManifestStore.OpenAsync(options, _supervision, CancellationToken.None);
        await CommitAsync();
        await UntilNumberedAsync(2);
    }

    public async Task DisposeAsync()
    {
        await _store!.DisposeAsync();
        await _server!.DropDatabaseAsync(_database!);
        await _server.ExecuteAsync("postgres", $"DROP ROLE {_role}");
    }

    [Fact]
    public async Task Events_go_on_after_the_row_of_the_log_was_away()
    {
        await ExecuteAsync("CREATE TABLE kept AS SELECT * FROM imaging.event_log; DELETE FROM imaging.event_log");
        await CommitAsync();
        FakeLogRecord told = await _log.UntilAsync(Numbering + Failed, TestTimeout);
        await _log.UntilAsync(Hearing + Failed, TestTimeout);
        Assert.Contains(
            _supervision!.Faults,
            fault => fault.Loop == "numbering of events" && fault.Text.Contains("imaging.event_log is missing", StringComparison.Ordinal));
        ManifestUnavailableException feed =
            await Assert.ThrowsAsync<ManifestUnavailableException>(() => _store!.Events.GetBoundsAsync(CancellationToken.None));

        await ExecuteAsync("INSERT INTO imaging.event_log SELECT * FROM kept");
        await _log.UntilAsync(Numbering + WorksAgain, TestTimeout);
        await _log.UntilAsync(Hearing + WorksAgain, TestTimeout);

        await UntilNumberedAsync(4);
        Assert.Equal(LogLevel.Error, told.Level);
        Assert.Contains("imaging.event_log is missing", told.Text(), StringComparison.Ordinal);
        Assert.True(feed.NeedsOperator);
        Assert.Empty(_supervision.Faults);
    }

    [Fact]
    public async Task Events_go_on_after_a_right_was_away()
    {
        await ExecuteAsync($"REVOKE ALL ON imaging.event, imaging.event_log FROM {_role}");
        FakeLogRecord told = await _log.UntilAsync(Numbering + Failed, TestTimeout);
        await _log.UntilAsync(Hearing + Failed, TestTimeout);
        await CommitAsync();

        await ExecuteAsync($"GRANT ALL ON imaging.event, imaging.event_log TO {_role}");

        await UntilNumberedAsync(4);
        Assert.Equal(LogLevel.Error, told.Level);
        Assert.Contains("lacks a right", told.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_that_is_taken_is_told_and_the_events_go_on_when_it_is_mended()
    {
        await ExecuteAsync("UPDATE imaging.event_log SET latest = 0");
        await CommitAsync();
        FakeLogRecord told = await _log.UntilAsync(Numbering + Failed, TestTimeout);

        await ExecuteAsync("UPDATE imaging.event_log SET latest = (SELECT max(sequence) FROM imaging.event)");

        await UntilNumberedAsync(4);
        Assert.Contains("number of the event log is taken", told.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outsider_that_holds_the_lock_is_told_and_the_age_of_the_oldest_event()
    {
        await using (NpgsqlConnection outsider = _server!.Open(_database!))
        {
            await using NpgsqlCommand hold = new("SELECT pg_advisory_lock(29675137668836968)", outsider);
            await hold.ExecuteNonQueryAsync();
            await CommitAsync();

            FakeLogRecord told = await _log.UntilAsync(Numbering + Failed, TestTimeout);

            Assert.Equal(LogLevel.Error, told.Level);
            Assert.Contains("another session holds the advisory lock", told.Text(), StringComparison.Ordinal);
            Backlog backlog = await _store!.MeasureBacklogAsync(CancellationToken.None);
            Assert.True(backlog.UnnumberedEvent >= TimeSpan.FromSeconds(5), $"The oldest event waits since {backlog.UnnumberedEvent}.");
        }

        await UntilNumberedAsync(4);
        Assert.Null((await _store.MeasureBacklogAsync(CancellationToken.None)).UnnumberedEvent);
    }

    [Fact]
    public async Task What_the_database_refuses_is_told_apart_from_what_it_cannot_do_now()
    {
        BindingDefinition binding =
            new() { Name = "archive", Kind = "stow", Types = [EventType.DicomAvailable], Start = BindingStart.Beginning };
        await _store!.Deliveries.RegisterAsync(binding, CancellationToken.None);
        while ((await _store.Deliveries.FanOutAsync(binding, 100, CancellationToken.None)).HasMore)
        {
        }

        Delivery delivery = Assert.Single(
            (await _store.Deliveries.ClaimAsync("archive", "test", TimeSpan.FromMinutes(1), 10, CancellationToken.None)).Deliveries);

        ManifestUnavailableException refused = await Assert.ThrowsAsync<ManifestUnavailableException>(
            () => _store.Deliveries.SettleAsync(
                [new DeliverySettlement(delivery, DeliveryOutcome.DeadLetter, Error: "an answer with \0 in it")], CancellationToken.None));
        await ExecuteAsync($"REVOKE ALL ON imaging.delivery FROM {_role}");
        ManifestUnavailableException forbidden = await Assert.ThrowsAsync<ManifestUnavailableException>(
            () => _store.Deliveries.SettleAsync([new DeliverySettlement(delivery, DeliveryOutcome.Delivered)], CancellationToken.None));

        Assert.Equal((true, false), (refused.IsRefusal, refused.NeedsOperator));
        Assert.Equal((false, true), (forbidden.IsRefusal, forbidden.NeedsOperator));
    }

    [Fact]
    public async Task What_Npgsql_warns_of_is_in_the_log_without_its_texts()
    {
        using NpgsqlLoggers npgsql = new(_log.ToFactory());
        ILogger logger = npgsql.CreateLogger("Npgsql.Connection");

        logger.LogInformation("SELECT {Statement}", "hidden");
        logger.LogWarning(
            new EventId(7, "Broken"),
            new PostgresException("DOE^JANE is no date", "ERROR", "ERROR", "22007"),
            "broken by {Value}",
            "DOE^JANE");

        FakeLogRecord told = await _log.UntilAsync("Npgsql warns", TestTimeout);
        Assert.Equal(LogLevel.Warning, told.Level);
        Assert.Contains("Broken (PostgresException, SQLSTATE 22007)", told.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain(
            _log.GetSnapshot(),
            line => line.Text().Contains("DOE", StringComparison.Ordinal) || line.Text().Contains("hidden", StringComparison.Ordinal));
    }

    private async Task CommitAsync()
    {
        InstanceChange instance = SampleStudy.Instance(_study.Series());
        Assert.Equal(
            [StudyCommitResult.Committed],
            await _store!.CommitAsync([_study.Store(instance) with { Events = SampleStudy.EventsOf(instance) }], CancellationToken.None));
        _study.Version++;
    }

    private async Task UntilNumberedAsync(long count)
    {
        await _store!.Events.WaitAsync(count - 1, CancellationToken.None).WaitAsync(TestTimeout);
        Assert.Equal(count, (await _store.Events.GetBoundsAsync(CancellationToken.None)).Latest);
    }

    private Task ExecuteAsync(string sql) => _server!.ExecuteAsync(_database!, sql);
}
