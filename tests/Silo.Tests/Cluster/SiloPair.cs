using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Grains.Tests.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;

namespace ImagingIngestion.Silo.Tests.Cluster;

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

    /// <summary>The way of the first silo to the manifest.</summary>
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

    /// <summary>A study that the given silo owns, and that both know it for.</summary>
    public StudyKey StudyOf(SiloFixture owner)
        => Enumerable.Range(0, 1000).Select(Arrivals.Study).First(study => Rendezvous.Order(study, [One.Entry, Other.Entry])[0] == owner.Entry);

    /// <summary>Before each of the next commits of the first silo the other one changes the study, so that they conflict.</summary>
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
