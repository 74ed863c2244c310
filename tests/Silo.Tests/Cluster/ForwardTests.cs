using ImagingIngestion.Grains;
using ImagingIngestion.Options;

namespace ImagingIngestion.Silo.Tests;

public sealed class ForwardTests : ClusterFixture
{
    private static readonly GrainOptions Patient = new() { MaxAttempts = 1000 };

    [Fact]
    public async Task After_two_conflicts_in_a_row_the_owner_of_the_study_decides()
    {
        GatedStore store = new(Store);
        await using SiloFixture one = await SiloFixture.StartAsync(store, Table, grains: Patient);
        await using SiloFixture other = await SiloFixture.StartAsync(Store, Table, grains: Patient);
        await one.SeesAsync(one.Entry, other.Entry);
        StudyKey study = await StudyOfAsync(other);
        int writes = 0;
        store.BeforeCommit = async () => await other.Study(study).StoreInstanceAsync(Arrivals.Of(study, 100 + writes++), CancellationToken.None);

        StoreAnswer answer = await one.Study(study).StoreInstanceAsync(Arrivals.Of(study, 1), CancellationToken.None);

        Assert.Equal(StoreOutcome.Added, answer.Outcome);
        Assert.Equal(2, store.Commits);
        Assert.Equal(3, (await Store.ListInstancesAsync(study, null, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_silo_that_is_the_owner_itself_goes_on_trying()
    {
        GatedStore store = new(Store);
        await using SiloFixture one = await SiloFixture.StartAsync(store, Table, grains: Patient);
        await using SiloFixture other = await SiloFixture.StartAsync(Store, Table, grains: Patient);
        await one.SeesAsync(one.Entry, other.Entry);
        StudyKey study = await StudyOfAsync(one);
        int writes = 0;
        store.BeforeCommit = async () =>
        {
            if (writes++ < 4)
            {
                await other.Study(study).StoreInstanceAsync(Arrivals.Of(study, 100 + writes), CancellationToken.None);
            }
        };

        Assert.Equal(StoreOutcome.Added, (await one.Study(study).StoreInstanceAsync(Arrivals.Of(study, 1), CancellationToken.None)).Outcome);
        Assert.Equal(5, store.Commits);
    }

    [Fact]
    public async Task Two_silos_that_each_take_the_other_for_the_owner_decide_what_is_given_on_to_them()
    {
        OneSiloTable seenByOne = new();
        OneSiloTable seenByOther = new();
        await using SiloFixture one = await SiloFixture.StartAsync(Store, seenByOne, grains: Patient);
        await using SiloFixture other = await SiloFixture.StartAsync(Store, seenByOther, grains: Patient);
        seenByOne.Silo = other.Entry;
        seenByOther.Silo = one.Entry;
        await one.SeesAsync(other.Entry);
        await other.SeesAsync(one.Entry);
        StudyKey study = Arrivals.Study(1);

        StoreAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 64)
            .Select(instance => Task.Run(() => (instance % 2 == 0 ? one : other).Study(study).StoreInstanceAsync(Arrivals.Of(study, instance), CancellationToken.None))));

        Assert.All(answers, answer => Assert.Equal(StoreOutcome.Added, answer.Outcome));
        Assert.Equal(64, (await Store.ListInstancesAsync(study, null, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task Deletions_are_given_on_too()
    {
        GatedStore store = new(Store);
        await using SiloFixture one = await SiloFixture.StartAsync(store, Table, grains: Patient);
        await using SiloFixture other = await SiloFixture.StartAsync(Store, Table, grains: Patient);
        await one.SeesAsync(one.Entry, other.Entry);
        StudyKey study = await StudyOfAsync(other);
        await other.Study(study).StoreInstanceAsync(Arrivals.Of(study, 1), CancellationToken.None);
        int writes = 0;
        store.BeforeCommit = async () => await other.Study(study).StoreInstanceAsync(Arrivals.Of(study, 100 + writes++), CancellationToken.None);

        Assert.Equal(3, await one.Study(study).DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
        Assert.Empty(await Store.ListInstancesAsync(study, null, CancellationToken.None));
    }

    /// <summary>A study that the given silo owns, and that every silo knows it for.</summary>
    private async Task<StudyKey> StudyOfAsync(SiloFixture owner)
    {
        IReadOnlyList<SiloEntry> silos = await Table.ListLiveAsync(TimeSpan.FromHours(1), CancellationToken.None);
        return Enumerable.Range(0, 1000).Select(Arrivals.Study).First(study => Rendezvous.Order(study, silos)[0] == owner.Entry);
    }
}
