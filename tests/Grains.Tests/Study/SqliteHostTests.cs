using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Storage.Sqlite;

namespace ImagingIngestion.Grains.Tests.Study;

public sealed class SqliteHostTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("silo-tests-").FullName;
    private SqliteManifestStore _store = null!;

    public Task InitializeAsync()
    {
        _store = SqliteManifestStore.Open(Path.Combine(_folder, "manifest.db"), TimeProvider.System);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Thirty_two_parallel_writers_on_one_new_study_make_one_study_and_lose_nothing()
    {
        StudyKey key = Arrivals.Study(1);
        await using HostFixture host = await HostFixture.StartAsync(_store);

        StoreAnswer[] answers = await Task.WhenAll(
            Enumerable.Range(0, 32).Select(writer => Task.Run(() => StoreAllAsync(host, key, writer, CancellationToken.None))));

        Assert.All(answers, answer => Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome));
        await AssertHoldsAsync(key, 320, CancellationToken.None);
    }

    [Fact]
    public async Task Two_silos_over_one_database_lose_nothing()
    {
        StudyKey key = Arrivals.Study(1);
        GrainOptions options = new() { MaxAttempts = 1000 };
        await using HostFixture one = await HostFixture.StartAsync(_store, options);
        await using HostFixture other = await HostFixture.StartAsync(_store, options);

        await Task.WhenAll(Enumerable.Range(0, 32).Select(
            writer => Task.Run(() => StoreAllAsync(writer % 2 == 0 ? one : other, key, writer, CancellationToken.None))));

        await AssertHoldsAsync(key, 320, CancellationToken.None);
    }

    [Fact]
    public async Task What_was_deleted_is_gone_and_counts_follow()
    {
        StudyKey key = Arrivals.Study(1);
        await using HostFixture host = await HostFixture.StartAsync(_store);
        await StoreAllAsync(host, key, 0, CancellationToken.None);

        Assert.Equal(
            5, await host.Study(key).DeleteAsync(new DeleteRequest(new SeriesInstanceUid("1.2.3.1"), null), CancellationToken.None));
        await AssertHoldsAsync(key, 5, CancellationToken.None);
        Assert.Equal(5, await host.Study(key).DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
        await AssertHoldsAsync(key, 0, CancellationToken.None);
    }

    /// <summary>Stores ten instances in two series, one after the other.</summary>
    private static async Task<StoreAnswer> StoreAllAsync(HostFixture host, StudyKey key, int writer, CancellationToken cancellationToken)
    {
        StoreAnswer answer = null!;
        for (int instance = 0; instance < 10; instance++)
        {
            answer = await host.StoreAsync(Arrivals.Of(key, (writer * 10) + instance, series: instance % 2), cancellationToken);
        }

        return answer;
    }

    private async Task AssertHoldsAsync(StudyKey key, int count, CancellationToken cancellationToken)
    {
        StudyState? study = await _store.LoadStudyAsync(key, cancellationToken);
        IReadOnlyList<InstanceState> instances = await _store.ListInstancesAsync(key, null, cancellationToken);
        Assert.Equal(count, study?.InstanceCount);
        Assert.Equal(count, instances.Count);
        Assert.All(study!.Series, series => Assert.Equal(series.InstanceCount, instances.Count(row => row.Id.Series == series.Uid)));
    }
}
