using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Grains.Tests.Revisions;

public sealed class TwoSilosTests : IDisposable
{
    private const int Studies = 10;
    private const int Instances = 12;

    private readonly string _folder = Directory.CreateTempSubdirectory("revision-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Two_silos_over_one_database_close_every_revision_once_and_in_order()
    {
        string database = Path.Combine(_folder, "manifest.db");
        GrainOptions quick = RevisionFixture.Grains with
        {
            RevisioningDelay = TimeSpan.FromMilliseconds(50),
            MaxRevisioningDelay = TimeSpan.FromMilliseconds(200)
        };
        await using RevisionFixture one = await RevisionFixture.StartAsync(database, TimeProvider.System, quick);
        await using RevisionFixture other = await RevisionFixture.StartAsync(database, TimeProvider.System, quick);

        await Task.WhenAll(Enumerable.Range(0, Studies).Select(study => Task.Run(() => StoreAllAsync(one, other, study))));
        await SettleAsync(one);

        ILookup<int, StudyRevisionEvent> revisions = (await one.RevisionsAsync()).ToLookup(row => row.Study, row => row.Revision);
        Assert.Equal(Enumerable.Range(0, Studies), revisions.Select(study => study.Key).Order());
        Assert.All(revisions, study =>
        {
            Assert.Equal(Enumerable.Range(0, study.Count()), study.Select(revision => revision.Revision));
            Assert.Equal(
                Enumerable.Range(0, Instances).Select(instance => $"1.2.3.1/1.2.4.{instance}").Order(StringComparer.Ordinal),
                study.SelectMany(revision => revision.ChangeSet.Additions).Order(StringComparer.Ordinal));
        });
        Assert.Contains(revisions, study => study.Count() > 1);
    }

    /// <summary>The silos take turns, so that each finds the changes of the other.</summary>
    private static async Task StoreAllAsync(RevisionFixture one, RevisionFixture other, int study)
    {
        Random random = new(study);
        for (int instance = 0; instance < Instances; instance++)
        {
            RevisionFixture silo = random.Next(2) == 0 ? one : other;
            while (!await TryStoreAsync(silo, study, instance))
            {
                // The other silo holds the database; a sender sends again.
            }

            using PeriodicTimer pause = new(TimeSpan.FromMilliseconds(random.Next(1, 120)));
            await pause.WaitForNextTickAsync();
        }
    }

    private static async Task<bool> TryStoreAsync(RevisionFixture silo, int study, int instance)
    {
        try
        {
            await silo.StoreAsync(study, instance);
            return true;
        }
        catch (ManifestUnavailableException)
        {
            return false;
        }
    }

    private static async Task SettleAsync(RevisionFixture silo)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(60));
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(50));
        while (await silo.Store.Revisions.NextDueAsync(deadline.Token) is not null)
        {
            await look.WaitForNextTickAsync(deadline.Token);
        }
    }
}
