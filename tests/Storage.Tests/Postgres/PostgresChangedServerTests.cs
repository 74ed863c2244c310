using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Storage.Tests.Postgres;

/// <summary>A server, a database or a role that changes under a running process.</summary>
public sealed class PostgresChangedServerTests : IAsyncLifetime
{
    private const string NoteSetting = """
        CREATE TABLE public.noted (setting text);
        CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.noted VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
        """;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"imaging-postgres-{Guid.NewGuid():N}");
    private PostgresServer? _server;

    private PostgresServer Server => _server!;

    public async Task InitializeAsync() => _server = await PostgresServer.StartAsync(_folder);

    public Task DisposeAsync() => Server.StopAsync();

    /// <summary>
    /// Whatever the settings of role and database, a commit waits for the disk: otherwise a killed server would lose acknowledged
    /// instances.
    /// </summary>
    [Theory]
    [InlineData("ALTER ROLE {0} SET synchronous_commit = off")]
    [InlineData("ALTER ROLE {0} IN DATABASE postgres SET synchronous_commit = off")]
    [InlineData("ALTER DATABASE postgres SET synchronous_commit = off")]
    [InlineData("ALTER SYSTEM SET synchronous_commit = off")]
    public async Task Every_writer_waits_for_the_disk_whatever_is_set_meanwhile(string change)
    {
        await using PostgresManifestStore store = await OpenAsync(Options);
        await Server.ExecuteAsync("postgres", NoteSetting + string.Concat(new[] { "study", "event" }.Select(table =>
            $"CREATE TRIGGER note AFTER INSERT OR UPDATE ON imaging.{table} FOR EACH STATEMENT EXECUTE FUNCTION public.note();")));
        await Server.ExecuteAsync("postgres", string.Format(System.Globalization.CultureInfo.InvariantCulture, change, Options.User));
        await Server.RestartAsync();

        await StoreOneAsync(store);
        await store.Events.WaitAsync(1, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(0, await Server.ScalarAsync("postgres", "SELECT count(*) FROM public.noted WHERE setting <> 'on'"));
        Assert.True(await Server.ScalarAsync("postgres", "SELECT count(*) FROM public.noted") >= 2);
        Assert.Null(await store.FindWritingFaultAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("fsync")]
    [InlineData("full_page_writes")]
    public async Task A_server_that_may_lose_commits_is_named_and_takes_none_until_it_is_mended(string setting)
    {
        await using PostgresManifestStore store = await OpenAsync(Options);
        await StoreOneAsync(store);
        await SetAsync(setting, "off");

        Assert.Contains($"{setting}=on", await FindFaultAsync(store.FindWritingFaultAsync, found: true), StringComparison.Ordinal);
        ManifestUnavailableException refused = await Assert.ThrowsAsync<ManifestUnavailableException>(() => CommitAsync(store));
        Assert.Contains($"{setting}=on", refused.Message, StringComparison.Ordinal);
        Assert.Null(await store.FindReadingFaultAsync(CancellationToken.None));

        await SetAsync(setting, "on");
        await FindFaultAsync(store.FindWritingFaultAsync, found: false);
        await StoreOneAsync(store);
    }

    [Fact]
    public async Task A_primary_that_became_a_standby_is_named_and_still_read()
    {
        await using PostgresManifestStore store = await OpenAsync(Options);
        StudyKey stored = await StoreOneAsync(store);
        await File.WriteAllTextAsync(Path.Combine(_folder, "data", "standby.signal"), "");
        await Server.RestartAsync();

        Assert.Contains("standby", await FindFaultAsync(store.FindReadingFaultAsync, found: true), StringComparison.Ordinal);
        Assert.Contains("standby", await FindFaultAsync(store.FindWritingFaultAsync, found: true), StringComparison.Ordinal);
        Assert.Contains(
            "standby",
            (await Assert.ThrowsAsync<ManifestUnavailableException>(() => CommitAsync(store))).Message,
            StringComparison.Ordinal);
        Assert.Single((await store.SearchAsync(
            new SearchRequest { Level = SearchLevel.Study, Provider = stored.Provider, Limit = 10 }, CancellationToken.None)).Rows);
    }

    [Fact]
    public async Task Another_manifest_in_the_database_is_named_and_neither_read_nor_written()
    {
        await using PostgresManifestStore store = await OpenAsync(Options);
        await StoreOneAsync(store);
        await Server.ExecuteAsync("postgres", "UPDATE imaging.installation SET id = 'another'");

        Assert.Contains("a manifest other than", await FindFaultAsync(store.FindReadingFaultAsync, found: true), StringComparison.Ordinal);
        await Assert.ThrowsAsync<ManifestUnavailableException>(() => CommitAsync(store));
        await Assert.ThrowsAsync<ManifestUnavailableException>(() => store.Events.GetBoundsAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_database_that_lost_its_manifest_is_named()
    {
        await using PostgresManifestStore store = await OpenAsync(Options);
        await Server.ExecuteAsync("postgres", "DROP SCHEMA imaging CASCADE");

        string? fault = await FindFaultAsync(store.FindWritingFaultAsync, found: true);
        Assert.Contains("no longer holds a manifest", fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_on_a_connection_that_a_restart_has_broken_is_tried_again()
    {
        await using PostgresManifestStore store = await OpenAsync(Options);
        StudyKey stored = await StoreOneAsync(store);
        await ReadAllAsync();

        await Server.RestartAsync();

        await ReadAllAsync();

        async Task ReadAllAsync()
        {
            Assert.NotNull(await store.LoadStudyAsync(stored, CancellationToken.None));
            Assert.Single(await store.ListInstancesAsync(stored, null, CancellationToken.None));
            await store.Events.GetBoundsAsync(CancellationToken.None);
            Assert.Single(await store.RetrieveAsync(
                new RetrieveScope(stored, null, null), StoredInstanceParts.Metadata, CancellationToken.None).ToListAsync());
        }
    }

    /// <summary>This happens while a newer version is rolled out.</summary>
    [Fact]
    public async Task A_schema_that_a_newer_program_has_made_meanwhile_is_no_fault()
    {
        await using PostgresManifestStore store = await OpenAsync(Options);
        await Server.ExecuteAsync("postgres", "INSERT INTO imaging.migration (number) VALUES (9999)");
        await Server.RestartAsync();

        await StoreOneAsync(store);

        Assert.Null(await store.FindReadingFaultAsync(CancellationToken.None));
        Assert.Null(await store.FindWritingFaultAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_schema_that_went_back_is_named()
    {
        await using PostgresManifestStore store = await OpenAsync(Options);
        await Server.ExecuteAsync("postgres", "DELETE FROM imaging.migration WHERE number = (SELECT max(number) FROM imaging.migration)");

        Assert.Contains("schema version", await FindFaultAsync(store.FindWritingFaultAsync, found: true), StringComparison.Ordinal);
    }

    private DatabaseOptions Options => Server.Options("postgres");

    private static Task<PostgresManifestStore> OpenAsync(DatabaseOptions options)
        => PostgresManifestStore.OpenAsync(options, Supervision.Of(TimeProvider.System), CancellationToken.None);

    private static Task<IReadOnlyList<StudyCommitResult>> CommitAsync(PostgresManifestStore store)
    {
        SampleStudy study = new();
        return store.CommitAsync([study.Store(SampleStudy.Instance(study.Series()))], CancellationToken.None);
    }

    private async Task SetAsync(string setting, string value)
    {
        await Server.ExecuteAsync("postgres", $"ALTER SYSTEM SET {setting} = {value}");
        await Server.ExecuteAsync("postgres", "SELECT pg_reload_conf()");
    }

    /// <summary>Looks until there is a fault, or none.</summary>
    /// <remarks>Connections from before a change may report it late, or break.</remarks>
    private static async Task<string> FindFaultAsync(Func<CancellationToken, Task<string?>> find, bool found)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(1));
        while (true)
        {
            try
            {
                string? fault = await find(deadline.Token);
                if (fault is not null == found)
                {
                    return fault ?? "";
                }
            }
            catch (ManifestUnavailableException refused) when (found
                && !refused.Message.Contains("cannot be reached", StringComparison.Ordinal))
            {
                return refused.Message;
            }
            catch (ManifestUnavailableException) when (!deadline.IsCancellationRequested)
            {
            }
        }
    }

    /// <summary>Tries again as a sender does, as long as the pool holds connections to the server that is gone.</summary>
    private static async Task<StudyKey> StoreOneAsync(PostgresManifestStore store)
    {
        SampleStudy study = new();
        InstanceChange instance = SampleStudy.Instance(study.Series());
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Assert.Equal([StudyCommitResult.Committed], await store.CommitAsync(
                    [study.Store(instance) with { Events = SampleStudy.EventsOf(instance) }], CancellationToken.None));
                return study.Key;
            }
            catch (ManifestUnavailableException) when (attempt < 30)
            {
            }
        }
    }
}
