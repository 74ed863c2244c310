using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Storage.Tests.Sqlite;

/// <summary>A manifest file that is damaged, lost, or belongs to another installation.</summary>
public sealed class SqliteDamageTests : IDisposable
{
    private const int PageSize = 4096;

    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeLogCollector _log = new();

    private string DatabasePath => Path.Combine(_folder.Path, "manifest.db");

    private string ObjectsFolder => Path.Combine(_folder.Path, "objects");

    private SqliteManifestOptions Served => new(DatabasePath) { Serves = true, ObjectsFolder = ObjectsFolder };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Damage_that_a_read_meets_is_told_counted_and_remembered()
    {
        await FillAsync();
        Damage();
        Supervision supervision = new(TimeProvider.System, _log.ToFactory());
        await using SqliteManifestStore store = SqliteManifestStore.Open(new SqliteManifestOptions(DatabasePath), supervision);
        Assert.Null(store.Damage);

        ManifestUnavailableException fault = await Assert.ThrowsAsync<ManifestUnavailableException>(() => ReadAllAsync(store));

        FakeLogRecord damage = await _log.UntilAsync("is damaged: SQLite result 11", TestTimeout);
        Assert.Equal(LogLevel.Critical, damage.Level);
        Assert.True(fault.NeedsOperator);
        Assert.Contains("It was met 1 times", store.Damage, StringComparison.Ordinal);
        Assert.Equal("manifest database", Assert.Single(supervision.Faults).Loop);
    }

    [Fact]
    public async Task After_a_stop_that_was_not_clean_a_damaged_file_is_not_served_from()
    {
        await FillAsync();
        Damage();
        CopyLog();

        ManifestUnavailableException fault = Assert.Throws<ManifestUnavailableException>(
            () => SqliteManifestStore.Open(Served, new Supervision(TimeProvider.System, _log.ToFactory())));

        Assert.Contains("damaged", fault.Message, StringComparison.Ordinal);
        Assert.Contains("backup", fault.Message, StringComparison.Ordinal);
        Assert.Contains(_log.GetSnapshot(), line => line.Text().Contains("not closed cleanly", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_no_database_is_named_so()
    {
        await File.WriteAllBytesAsync(DatabasePath, new byte[PageSize].Select((_, index) => (byte)(index + 1)).ToArray());

        ManifestUnavailableException fault = Assert.Throws<ManifestUnavailableException>(
            () => SqliteManifestStore.Open(Served, Supervision.Of(TimeProvider.System)));

        Assert.True(fault.NeedsOperator);
        Assert.Contains("damaged (SQLite result 26)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_manifest_is_refused_beside_the_objects_of_another_installation_unless_it_is_meant()
    {
        string other = Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(Path.Combine(ObjectsFolder, other, "default", "_installation"));

        for (int start = 0; start < 2; start++)
        {
            ManifestUnavailableException fault = Assert.Throws<ManifestUnavailableException>(
                () => SqliteManifestStore.Open(Served, Supervision.Of(TimeProvider.System)));
            Assert.Contains(other, fault.Message, StringComparison.Ordinal);
            Assert.Contains("backup", fault.Message, StringComparison.Ordinal);
            Assert.Contains("Storage:BeginAnew", fault.Message, StringComparison.Ordinal);
        }

        await using (SqliteManifestStore meant = SqliteManifestStore.Open(
            Served with { BeginsAnew = true }, Supervision.Of(TimeProvider.System)))
        {
            SampleStudy study = new();
            await meant.CommitAsync([study.Store(SampleStudy.Instance(study.Series()))], CancellationToken.None);
        }

        await using SqliteManifestStore known = SqliteManifestStore.Open(Served, Supervision.Of(TimeProvider.System));
    }

    [Fact]
    public async Task Of_two_that_serve_from_one_file_the_second_is_refused_and_who_only_looks_is_not()
    {
        await using (SqliteManifestStore first = SqliteManifestStore.Open(Served, Supervision.Of(TimeProvider.System)))
        {
            ManifestUnavailableException fault = Assert.Throws<ManifestUnavailableException>(
                () => SqliteManifestStore.Open(Served, Supervision.Of(TimeProvider.System)));
            await using SqliteManifestStore looks = SqliteManifestStore.Open(
                Served with { Serves = false }, Supervision.Of(TimeProvider.System));

            Assert.Contains("Another process already serves", fault.Message, StringComparison.Ordinal);
        }

        await using SqliteManifestStore next = SqliteManifestStore.Open(Served, Supervision.Of(TimeProvider.System));
    }

    private async Task FillAsync()
    {
        await using SqliteManifestStore store = SqliteManifestStore.Open(DatabasePath, TimeProvider.System);
        for (int number = 0; number < 50; number++)
        {
            SampleStudy study = new();
            InstanceChange instance = SampleStudy.Instance(study.Series());
            await store.CommitAsync(
                [study.Store(instance with { Content = instance.Content with { Metadata = new byte[9000] } })], CancellationToken.None);
        }
    }

    private static async Task ReadAllAsync(SqliteManifestStore store)
    {
        SearchRequest request = new() { Provider = SampleStudy.Provider, Level = SearchLevel.Instance, Limit = 1000 };
        await store.SearchAsync(request, CancellationToken.None);
    }

    /// <summary>Overwrites the pages of the instances, like a disk that loses them.</summary>
    private void Damage()
    {
        List<long> pages = [];
        using (SqliteConnection connection = new SqliteConnections(DatabasePath).OpenWriter())
        {
            SqliteConnections.Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            long root = SqliteConnections.ReadNumber(connection, "SELECT rootpage FROM sqlite_schema WHERE name = 'instance'");
            pages.Add(root);
        }

        using FileStream file = new(DatabasePath, FileMode.Open, FileAccess.Write);
        foreach (long page in pages)
        {
            file.Position = (page - 1) * PageSize;
            file.Write(Enumerable.Repeat((byte)0xEE, PageSize).ToArray());
        }
    }

    /// <summary>Leaves a log that nobody has removed, like a killed process.</summary>
    private void CopyLog()
    {
        string copy = DatabasePath + ".copy";
        using (SqliteConnection connection = new SqliteConnections(DatabasePath).OpenWriter())
        {
            SqliteConnections.Execute(connection, "CREATE TABLE leftover (id INTEGER)");
            File.Copy(DatabasePath + "-wal", copy);
        }

        File.Move(copy, DatabasePath + "-wal", overwrite: true);
    }
}
