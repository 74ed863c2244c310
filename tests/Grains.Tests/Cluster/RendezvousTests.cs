using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Grains.Tests.Cluster;

public sealed class RendezvousTests
{
    private static readonly SiloEntry[] Silos =
    [
        .. Enumerable.Range(0, 5).Select(silo => new SiloEntry($"silo-{silo}", $"http://10.0.0.{silo}:8090"))
    ];

    [Fact]
    public void Everybody_who_sees_the_same_silos_orders_them_alike()
        => Assert.All(Studies(50), study => Assert.Equal(Rendezvous.Order(study, Silos), Rendezvous.Order(study, [.. Silos.Reverse()])));

    [Fact]
    public void A_silo_that_goes_moves_its_own_studies_only_and_each_to_its_second()
    {
        SiloEntry gone = Silos[2];
        SiloEntry[] left = [.. Silos.Where(silo => silo != gone)];

        Assert.All(Studies(200), study =>
        {
            IReadOnlyList<SiloEntry> before = Rendezvous.Order(study, Silos);
            Assert.Equal(before[0] == gone ? before[1] : before[0], Rendezvous.Order(study, left)[0]);
        });
    }

    [Fact]
    public void Studies_are_spread_evenly_and_storage_spaces_apart()
    {
        ILookup<SiloEntry, StudyKey> owned = Studies(2000).ToLookup(study => Rendezvous.Order(study, Silos)[0]);

        Assert.All(Silos, silo => Assert.InRange(owned[silo].Count(), 300, 500));
        Assert.Contains(
            Studies(50),
            study => Rendezvous.Order(study, Silos)[0] != Rendezvous.Order(study with { Provider = new ProviderName("other") }, Silos)[0]);
    }

    [Fact]
    public void The_owner_of_a_study_is_pinned_between_releases()
        => Assert.Equal("silo-1", Rendezvous.Order(new StudyKey(new ProviderName("default"), new StudyInstanceUid("1.2.3")), Silos)[0].Id);

    private static IEnumerable<StudyKey> Studies(int count)
        => Enumerable.Range(0, count).Select(study => new StudyKey(new ProviderName("default"), new StudyInstanceUid($"1.2.840.{study}")));
}
