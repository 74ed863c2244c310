using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sql;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;
using Microsoft.Data.Sqlite;

namespace ImagingIngestion.Storage.Tests.Sqlite;

/// <summary>The errors of the SQLite store when the database cannot do its work, and what it keeps when a process ends.</summary>
public sealed class SqliteFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string DatabasePath => Path.Combine(_folder.Path, "below", "manifest.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_commit_survives_closing_and_opening()
    {
        SampleStudy study = new();
        await using (SqliteManifestStore store = Open())
        {
            await store.CommitAsync([NewChange(study)], CancellationToken.None);
        }

        await using SqliteManifestStore reopened = Open();
        Assert.Equal(1, (await reopened.LoadStudyAsync(study.Key, CancellationToken.None))!.Version);
    }

    [Fact]
    public void Commits_are_synced_to_the_write_ahead_log()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        using SqliteConnection writer = new SqliteConnections(DatabasePath).OpenWriter();

        Assert.Equal(2, SqliteConnections.ReadNumber(writer, "PRAGMA synchronous"));
        using SqliteCommand command = writer.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        Assert.Equal("wal", command.ExecuteScalar());
    }

    [Fact]
    public async Task A_locked_database_is_unavailable_and_works_again_afterwards()
    {
        await using SqliteManifestStore store = Open();
        SampleStudy study = new();
        using (SqliteConnection other = new SqliteConnections(DatabasePath).OpenWriter())
        {
            SqliteConnections.Execute(other, "BEGIN IMMEDIATE");
            ManifestUnavailableException fault =
                await Assert.ThrowsAsync<ManifestUnavailableException>(() => store.CommitAsync([NewChange(study)], CancellationToken.None));
            Assert.False(fault.IsFull);
            Assert.Empty((await store.SearchAsync(
                new SearchRequest { Provider = SampleStudy.Provider, Level = SearchLevel.Study, Limit = 1 }, CancellationToken.None)).Rows);
            SqliteConnections.Execute(other, "ROLLBACK");
        }

        Assert.Equal([StudyCommitResult.Committed], await store.CommitAsync([NewChange(new SampleStudy())], CancellationToken.None));
    }

    [RootFact]
    public async Task A_full_file_system_is_told_and_loses_nothing_that_was_committed()
    {
        using SmallFileSystem small = new(megabytes: 4);
        await using SqliteManifestStore store = SqliteManifestStore.Open(Path.Combine(small.Path, "manifest.db"), TimeProvider.System);
        List<StudyKey> committed = [];
        ManifestUnavailableException? fault = null;
        for (int number = 0; number < 200 && fault is null; number++)
        {
            SampleStudy study = new();
            StudyChange change = NewChange(study);
            InstanceChange large = change.StoredInstances[0] with
            {
                Content = change.StoredInstances[0].Content with { Metadata = new byte[100_000] }
            };
            try
            {
                await store.CommitAsync([change with { StoredInstances = [large] }], CancellationToken.None);
                committed.Add(study.Key);
            }
            catch (ManifestUnavailableException exception)
            {
                fault = exception;
            }
        }

        Assert.True(fault?.IsFull);
        Assert.NotEmpty(committed);
        foreach (StudyKey key in committed)
        {
            Assert.NotNull(await store.LoadStudyAsync(key, CancellationToken.None));
        }
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused()
    {
        await Open().DisposeAsync();
        using (SqliteConnection other = new SqliteConnections(DatabasePath).OpenWriter())
        {
            SqliteConnections.Execute(other, "PRAGMA user_version = 1000");
        }

        ManifestUnavailableException fault = Assert.Throws<ManifestUnavailableException>(Open);

        Assert.Contains("schema version 1000", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        File.WriteAllText(DatabasePath, new string('x', 10_000));

        Assert.Throws<ManifestUnavailableException>(Open);
    }

    [Fact]
    public async Task The_installation_keeps_its_id()
    {
        await Open().DisposeAsync();
        string first = Installation();
        await Open().DisposeAsync();

        Assert.Equal(first, Installation());
        Assert.Equal(32, first.Length);
    }

    [Fact]
    public async Task A_closed_store_is_unavailable()
    {
        SqliteManifestStore store = Open();
        await store.DisposeAsync();

        await Assert.ThrowsAsync<ManifestUnavailableException>(() => store.LoadStudyAsync(new SampleStudy().Key, CancellationToken.None));
        await Assert.ThrowsAsync<ManifestUnavailableException>(
            () => store.CommitAsync([NewChange(new SampleStudy())], CancellationToken.None));
    }

    [Fact]
    public async Task A_caller_that_gives_up_while_it_waits_has_written_nothing()
    {
        await using SqliteManifestStore store = Open();
        SampleStudy running = new();
        SampleStudy waiting = new();
        using CancellationTokenSource cancellation = new();
        using SqliteConnection other = new SqliteConnections(DatabasePath).OpenWriter();
        SqliteConnections.Execute(other, "BEGIN IMMEDIATE");
        Task first = store.CommitAsync([NewChange(running)], CancellationToken.None);
        Task second = store.CommitAsync([NewChange(waiting)], cancellation.Token);
        await cancellation.CancelAsync();

        Exception secondEnd = await Assert.ThrowsAnyAsync<Exception>(() => second);
        await Assert.ThrowsAsync<ManifestUnavailableException>(() => first);
        SqliteConnections.Execute(other, "ROLLBACK");

        Assert.True(secondEnd is OperationCanceledException or ManifestUnavailableException);
        Assert.Null(await store.LoadStudyAsync(waiting.Key, CancellationToken.None));
    }

    [Fact]
    public async Task Groups_that_wait_together_share_a_transaction()
    {
        await Open().DisposeAsync();
        SqliteConnection connection = new SqliteConnections(DatabasePath).OpenWriter();
        int commits = 0;
        await using SqliteWriter writer = new(
            connection,
            TimeProvider.System,
            new EventSignal(0),
            new SqliteFaults(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        SQLitePCL.raw.sqlite3_commit_hook(connection.Handle, _ => Interlocked.Increment(ref commits) * 0, null);
        using SqliteConnection other = new SqliteConnections(DatabasePath).OpenWriter();
        SqliteConnections.Execute(other, "BEGIN IMMEDIATE");
        Task<IReadOnlyList<StudyCommitResult>>[] groups =
            [.. Enumerable.Range(0, 100).Select(
                _ => writer.CommitAsync([new PreparedStudyChange(NewChange(new SampleStudy()))], CancellationToken.None))];
        SqliteConnections.Execute(other, "ROLLBACK");

        IReadOnlyList<StudyCommitResult>[] results = await Task.WhenAll(groups);

        Assert.All(results, result => Assert.Equal([StudyCommitResult.Committed], result));
        Assert.InRange(commits, 1, 5);
    }

    private static StudyChange NewChange(SampleStudy study) => study.Store(SampleStudy.Instance(study.Series()));

    private SqliteManifestStore Open() => SqliteManifestStore.Open(DatabasePath, TimeProvider.System);

    private string Installation()
    {
        using SqliteConnection connection = new SqliteConnections(DatabasePath).OpenReader(cacheKibibytes: 1024);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT id FROM installation";
        return (string)command.ExecuteScalar()!;
    }
}
