using ImagingIngestion.Grains.Tests.Study;
using ImagingIngestion.Manifest.Identity;
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

        Assert.Equal(StoreOutcome.Added, answer.Outcome);
        Assert.Equal(2, silos.Store.Commits);
        Assert.Equal(3, (await Store.ListInstancesAsync(study, null, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_silo_that_is_the_owner_itself_goes_on_trying()
    {
        await using SiloPair silos = await SiloPair.StartAsync(Store, Table);
        StudyKey study = silos.StudyOf(silos.One);
        silos.Interfere(study, times: 4);

        Assert.Equal(StoreOutcome.Added, (await silos.One.Study(study).StoreInstanceAsync(Arrivals.Of(study, 1), CancellationToken.None)).Outcome);
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
            .Select(instance => Task.Run(() => (instance % 2 == 0 ? one : other).Study(study).StoreInstanceAsync(Arrivals.Of(study, instance), CancellationToken.None))));

        Assert.All(answers, answer => Assert.Equal(StoreOutcome.Added, answer.Outcome));
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
