using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Grains.Tests.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Silo.Tests.Cluster;

public sealed class ForwardTests : ClusterFixture
{
    [Fact]
    public async Task After_two_conflicts_in_a_row_the_owner_of_the_study_decides()
    {
        await using SiloPair silos = await SiloPair.StartAsync(Store, Table);
        StudyKey study = silos.StudyOf(silos.Other);
        silos.Interfere(study);

        StoreAnswer answer = await silos.One.Study(study).StoreInstanceAsync(Arrivals.Of(study, 1), CancellationToken.None);

        Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome);
        Assert.Equal(2, silos.Store.Commits);
        Assert.Equal(3, (await Store.ListInstancesAsync(study, null, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_silo_that_is_the_owner_itself_goes_on_trying()
    {
        await using SiloPair silos = await SiloPair.StartAsync(Store, Table);
        StudyKey study = silos.StudyOf(silos.One);
        silos.Interfere(study, times: 4);

        Assert.Equal(
            StoreAnswer.Kind.Added,
            (await silos.One.Study(study).StoreInstanceAsync(Arrivals.Of(study, 1), CancellationToken.None)).Outcome);
        Assert.Equal(5, silos.Store.Commits);
    }

    [Fact]
    public async Task Two_silos_that_each_take_the_other_for_the_owner_decide_what_is_given_on_to_them()
    {
        OneSiloTable seenByOne = new();
        OneSiloTable seenByOther = new();
        await using SiloFixture one = await SiloFixture.StartAsync(Store, seenByOne, grains: SiloPair.Patient);
        await using SiloFixture other = await SiloFixture.StartAsync(Store, seenByOther, grains: SiloPair.Patient);
        seenByOne.Silo = other.Entry;
        seenByOther.Silo = one.Entry;
        await one.SeesAsync(other.Entry);
        await other.SeesAsync(one.Entry);
        StudyKey study = Arrivals.Study(1);

        StoreAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 64)
            .Select(instance => Task.Run(() => (instance % 2 == 0 ? one : other).Study(study).StoreInstanceAsync(
                Arrivals.Of(study, instance), CancellationToken.None))));

        Assert.All(answers, answer => Assert.Equal(StoreAnswer.Kind.Added, answer.Outcome));
        Assert.Equal(64, (await Store.ListInstancesAsync(study, null, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Deletions_are_given_on_too()
    {
        await using SiloPair silos = await SiloPair.StartAsync(Store, Table);
        StudyKey study = silos.StudyOf(silos.Other);
        await silos.Other.Study(study).StoreInstanceAsync(Arrivals.Of(study, 1), CancellationToken.None);
        silos.Interfere(study);

        Assert.Equal(3, await silos.One.Study(study).DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
        Assert.Empty(await Store.ListInstancesAsync(study, null, CancellationToken.None));
    }
}

/// <summary>A table that always shows one silo, like an outdated one.</summary>
internal sealed class OneSiloTable : ISiloTable
{
    public SiloEntry? Silo { get; set; }

    public Task HeartbeatAsync(SiloEntry silo, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task LeaveAsync(string id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<SiloEntry>> ListLiveAsync(TimeSpan maxAge, CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<SiloEntry>>(Silo is null ? [] : [Silo]);
}

/// <summary>Two silos over one manifest that know each other, and do not give up a commit that conflicts.</summary>
internal sealed class SiloPair : IAsyncDisposable
{
    private SiloPair(GatedStore store, SiloFixture one, SiloFixture other)
    {
        Store = store;
        One = one;
        Other = other;
    }

    public static GrainOptions Patient { get; } = new() { MaxAttempts = 1000 };

    /// <summary>The store through which the first silo reaches the manifest.</summary>
    public GatedStore Store { get; }

    public SiloFixture One { get; }

    public SiloFixture Other { get; }

    public static async Task<SiloPair> StartAsync(IManifestStore manifest, ISiloTable table)
    {
        GatedStore store = new(manifest);
        SiloFixture one = await SiloFixture.StartAsync(store, table, grains: Patient);
        SiloFixture other = await SiloFixture.StartAsync(manifest, table, grains: Patient);
        await one.SeesAsync(one.Entry, other.Entry);
        return new SiloPair(store, one, other);
    }

    /// <summary>Returns a study that the given silo owns, and that both assign to it.</summary>
    public StudyKey StudyOf(SiloFixture owner)
        => Enumerable.Range(0, 1000).Select(Arrivals.Study).First(
            study => Rendezvous.Order(study, [One.Entry, Other.Entry])[0] == owner.Entry);

    /// <summary>Makes the next commits of the first silo conflict: the other one changes the study before each.</summary>
    public void Interfere(StudyKey study, int times = int.MaxValue)
    {
        int writes = 0;
        Store.BeforeCommit = async () =>
        {
            if (writes < times)
            {
                await Other.Study(study).StoreInstanceAsync(Arrivals.Of(study, 100 + writes++), CancellationToken.None);
            }
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Other.DisposeAsync();
        await One.DisposeAsync();
    }
}
