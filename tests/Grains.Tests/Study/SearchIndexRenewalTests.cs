using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Grains.Search;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.Tests;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Grains.Tests.Study;

/// <summary>The loop that renews search values of an older version while the silo runs.</summary>
public sealed class SearchIndexRenewalTests : IDisposable
{
    private const int Studies = 600;

    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("renewal-").FullName;
    private readonly FakeLogCollector _log = new();

    private string DatabasePath => Path.Combine(_folder, "manifest.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Everything_is_made_anew_and_the_log_says_how_far_it_is()
    {
        await using SqliteManifestStore store = await StoreAsWrittenBeforeAsync();
        Assert.Equal(0, await CountAsync(store, "P2"));

        using SearchIndexRenewal renewal = NewRenewal(store.Index);
        await renewal.StartAsync(CancellationToken.None);
        await _log.UntilAsync("none is left", TestTimeout);
        await renewal.StopAsync(CancellationToken.None);

        Assert.Equal(0, await store.Index.CountOutdatedAsync(CancellationToken.None));
        Assert.Equal(Studies, await CountAsync(store, "P2"));
        Assert.Contains(_log.Lines(), line => line.Contains($"250 rows done, {(2 * Studies) - 250} left", StringComparison.Ordinal));
        Assert.Contains(_log.Lines(), line => line.Contains($"of {2 * Studies} studies and series", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_that_fails_is_asked_again_and_told_of_once()
    {
        await using SqliteManifestStore store = await StoreAsWrittenBeforeAsync();
        FailingIndex failing = new(store.Index, failures: 3, () => new ManifestUnavailableException("The database is locked."));

        using SearchIndexRenewal renewal = NewRenewal(failing);
        await renewal.StartAsync(CancellationToken.None);
        await _log.UntilAsync("none is left", TestTimeout);
        await renewal.StopAsync(CancellationToken.None);

        Assert.Equal(0, await store.Index.CountOutdatedAsync(CancellationToken.None));
        Assert.Single(_log.Lines(), line => line.Contains("\"renewal of search values\" failed", StringComparison.Ordinal));
    }

    /// <summary>Includes an unexpected exception, and a foreign cancellation.</summary>
    [Theory]
    [InlineData(typeof(NullReferenceException))]
    [InlineData(typeof(TaskCanceledException))]
    [InlineData(typeof(OutOfMemoryException))]
    public async Task No_exception_ends_the_loop(Type kind)
    {
        await using SqliteManifestStore store = await StoreAsWrittenBeforeAsync();
        FailingIndex failing = new(store.Index, failures: 1, () => (Exception)Activator.CreateInstance(kind)!);

        using SearchIndexRenewal renewal = NewRenewal(failing);
        await renewal.StartAsync(CancellationToken.None);
        await _log.UntilAsync("none is left", TestTimeout);

        Assert.False(renewal.ExecuteTask!.IsCompleted);
        await renewal.StopAsync(CancellationToken.None);
        Assert.Single(_log.Lines(), line => line.Contains("\"renewal of search values\" failed", StringComparison.Ordinal));
    }

    private SearchIndexRenewal NewRenewal(ISearchIndex index)
        => new(index, new Supervision(TimeProvider.System, _log.ToFactory()), new FakeLogger<SearchIndexRenewal>(_log));

    private async Task<SqliteManifestStore> StoreAsWrittenBeforeAsync()
    {
        SqliteManifestStore store = SqliteManifestStore.Open(DatabasePath, TimeProvider.System);
        List<StudyChange> changes = [];
        for (int number = 0; number < Studies; number++)
        {
            SampleStudy study = new() { Attributes = SampleStudy.Text((0x0010_0020, DicomVR.LO, "P1\\P2")) };
            changes.Add(study.Store(SampleStudy.Instance(study.Series())));
        }

        await store.CommitAsync(changes, CancellationToken.None);
        await using SqliteConnection connection = new($"Data Source={DatabasePath};Pooling=False");
        await connection.OpenAsync();
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "UPDATE study SET patient_id = 'P1', index_generation = 0; UPDATE series SET index_generation = 0";
        await command.ExecuteNonQueryAsync();
        return store;
    }

    private static async Task<int> CountAsync(SqliteManifestStore store, string patient)
    {
        SearchRequest request = new()
        {
            Provider = SampleStudy.Provider, Level = SearchLevel.Study, Limit = 2 * Studies,
            Matches = [new AttributeMatch.AnyOf(SearchAttributes.PatientID, [patient])],
        };
        return (await store.SearchAsync(request, CancellationToken.None)).Rows.Count;
    }

    private sealed class FailingIndex(ISearchIndex index, int failures, Func<Exception> fault) : ISearchIndex
    {
        private int _left = failures;

        public Task<long> CountOutdatedAsync(CancellationToken cancellationToken) => index.CountOutdatedAsync(cancellationToken);

        public Task<int> RenewAsync(string owner, int most, CancellationToken cancellationToken)
            => _left-- > 0 ? throw fault() : index.RenewAsync(owner, most, cancellationToken);
    }
}
