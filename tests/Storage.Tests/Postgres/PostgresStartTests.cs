using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;
using Npgsql;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>A process that starts prepares its database, or names what to change if it cannot be used.</summary>
public sealed class PostgresStartTests : IAsyncLifetime
{
    private const string WaitingSql =
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE "
            + "datname = current_database())";

    private PostgresServer? _server;
    private string _database = "";

    public async Task InitializeAsync()
    {
        _server = await PostgresServer.SharedAsync();
        _database = await _server.CreateDatabaseAsync();
    }

    public Task DisposeAsync() => _server!.DropDatabaseAsync(_database);

    [Fact]
    public async Task Processes_that_start_together_migrate_once()
    {
        PostgresManifestStore[] stores = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => Task.Run(() => OpenAsync(_server!.Options(_database, maxConnections: 4)))));
        string[] names = [.. stores.Select(store => store.Events.LogId).Distinct()];
        foreach (PostgresManifestStore store in stores)
        {
            await store.DisposeAsync();
        }

        Assert.Single(names);
        Assert.Equal(1, await NumberAsync("SELECT count(*) FROM imaging.installation"));
        Assert.Equal(
            await NumberAsync("SELECT max(number) FROM imaging.migration"), await NumberAsync("SELECT count(*) FROM imaging.migration"));
    }

    /// <summary>The process has looked before it waits for its turn, and PostgreSQL remembers that the table was not there.</summary>
    [Fact]
    public async Task A_process_that_waited_for_its_turn_sees_what_the_one_before_has_made()
    {
        Task<ManifestUnavailableException> refused;
        await using (NpgsqlConnection holder = _server!.Open(_database))
        {
            await new NpgsqlCommand($"SELECT pg_advisory_lock({PostgresMigrations.LockKey})", holder).ExecuteNonQueryAsync();
            refused = Task.Run(() => RefusedAsync(_server.Options(_database)));
            using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(1));
            while (await NumberAsync(WaitingSql) == 0)
            {
                deadline.Token.ThrowIfCancellationRequested();
            }

            await new NpgsqlCommand(
                "CREATE SCHEMA imaging; CREATE TABLE imaging.migration (number integer); INSERT INTO imaging.migration VALUES (9999)",
                holder).ExecuteNonQueryAsync();
        }

        Assert.Contains("9999", (await refused).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_of_a_newer_program_is_left_alone()
    {
        await using (await OpenAsync(_server!.Options(_database)))
        {
        }

        await _server.ExecuteAsync(_database, "INSERT INTO imaging.migration (number) VALUES (9999)");

        ManifestUnavailableException error = await RefusedAsync(_server.Options(_database));

        Assert.Contains("9999", error.Message, StringComparison.Ordinal);
        Assert.Contains("at least as new", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_error_of_a_migration_leaves_nothing_behind()
    {
        await _server!.ExecuteAsync(_database, "CREATE SCHEMA imaging; CREATE TABLE imaging.commitment (in_the_way integer)");

        await RefusedAsync(_server.Options(_database));

        Assert.Equal(
            1,
            await NumberAsync("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'imaging'"));
    }

    [Fact]
    public async Task Tables_of_others_in_the_database_are_not_touched()
    {
        await _server!.ExecuteAsync(_database, "CREATE TABLE study (mine integer); INSERT INTO study VALUES (1)");

        await using PostgresManifestStore store = await OpenAsync(_server.Options(_database));
        SampleStudy study = new();
        await store.CommitAsync([study.Store(SampleStudy.Instance(study.Series()))], CancellationToken.None);

        Assert.Equal(1, await NumberAsync("SELECT count(*) FROM public.study"));
        Assert.Equal(1, await NumberAsync("SELECT count(*) FROM imaging.study"));
    }

    [Fact]
    public async Task A_user_who_owns_the_database_is_enough()
    {
        string user = await CreateUserAsync();
        try
        {
            await _server!.ExecuteAsync("postgres", $"ALTER DATABASE {_database} OWNER TO {user}");
            await using PostgresManifestStore store = await OpenAsync(_server.Options(_database) with { User = user, Password = "secret" });
            SampleStudy study = new();
            InstanceChange instance = SampleStudy.Instance(study.Series());

            Assert.Equal(
                [StudyCommitResult.Committed],
                await store.CommitAsync([study.Store(instance) with { Events = SampleStudy.EventsOf(instance) }], CancellationToken.None));
            await store.NumberEventsAsync(CancellationToken.None);
        }
        finally
        {
            await _server!.DropDatabaseAsync(_database);
            await _server.ExecuteAsync("postgres", $"DROP ROLE {user}");
        }
    }

    [Fact]
    public async Task A_user_who_may_not_create_the_schema_is_told_so()
    {
        string user = await CreateUserAsync();
        try
        {
            Assert.Contains(
                "GRANT CREATE",
                (await RefusedAsync(_server!.Options(_database) with { User = user, Password = "secret" })).Message,
                StringComparison.Ordinal);
        }
        finally
        {
            await _server!.ExecuteAsync("postgres", $"DROP ROLE {user}");
        }
    }

    [Fact]
    public async Task What_is_wrong_with_the_settings_is_named()
    {
        DatabaseOptions good = _server!.Options(_database);

        Assert.Contains("DB_PASS", (await RefusedAsync(good with { Password = "wrong" })).Message, StringComparison.Ordinal);
        Assert.Contains("DB_NAME", (await RefusedAsync(good with { Name = "imaging_absent" })).Message, StringComparison.Ordinal);
        Assert.Contains("DB_HOST", (await RefusedAsync(good with { Port = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("DB_HOST", (await RefusedAsync(good with { Host = "postgres.invalid" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_fsync_is_refused()
    {
        PostgresServer server = await PostgresServer.StartAsync(NewFolder(), "fsync = off");
        try
        {
            Assert.Contains("fsync=on", (await RefusedAsync(server.Options("postgres"))).Message, StringComparison.Ordinal);
        }
        finally
        {
            await server.StopAsync();
        }
    }

    [Fact]
    public async Task After_a_crash_of_the_server_what_was_committed_is_there_and_everything_goes_on()
    {
        PostgresServer server = await PostgresServer.StartAsync(NewFolder());
        try
        {
            await using PostgresManifestStore store = await OpenAsync(server.Options("postgres"));
            SampleStudy study = new();
            await StoreOneAsync(store, study);
            await store.Events.WaitAsync(1, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));

            await server.RestartAsync();
            await StoreOneAsync(store, study);

            Assert.Equal(2, (await store.LoadStudyAsync(study.Key, CancellationToken.None))!.InstanceCount);
            await store.Events.WaitAsync(3, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(
                [1L, 2L, 3L, 4L],
                (await store.Events.ReadAsync(new EventQuery(0, 10, []), CancellationToken.None)).Events.Select(logged => logged.Sequence));
        }
        finally
        {
            await server.StopAsync();
        }
    }

    /// <summary>Lies where the user of the server can reach it, too, and is removed with the server.</summary>
    private static string NewFolder() => Path.Combine(Path.GetTempPath(), $"imaging-postgres-{Guid.NewGuid():N}");

    private static Task<PostgresManifestStore> OpenAsync(DatabaseOptions options)
        => PostgresManifestStore.OpenAsync(options, Supervision.Of(TimeProvider.System), CancellationToken.None);

    private static Task<ManifestUnavailableException> RefusedAsync(DatabaseOptions options)
        => Assert.ThrowsAsync<ManifestUnavailableException>(async () => await (await OpenAsync(options)).DisposeAsync());

    /// <summary>Tries again as a sender does, as long as the pool still holds connections to the server that is gone.</summary>
    private static async Task StoreOneAsync(PostgresManifestStore store, SampleStudy study)
    {
        InstanceChange instance = SampleStudy.Instance(study.Series());
        StudyChange change = study.Store(instance) with { Events = SampleStudy.EventsOf(instance) };
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Assert.Equal([StudyCommitResult.Committed], await store.CommitAsync([change], CancellationToken.None));
                study.Version++;
                return;
            }
            catch (ManifestUnavailableException) when (attempt < 30)
            {
            }
        }
    }

    private async Task<string> CreateUserAsync()
    {
        string name = $"user_{Guid.NewGuid():N}";
        await _server!.ExecuteAsync("postgres", $"CREATE ROLE {name} LOGIN PASSWORD 'secret'");
        return name;
    }

    private Task<long> NumberAsync(string sql) => _server!.ScalarAsync(_database, sql);
}
