using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Grains.Tests.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Silo.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Silo.Tests.Cluster;

/// <summary>A silo that listens on a free port of this machine, over a given store and table.</summary>
internal sealed class SiloFixture : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly IHostedService[] _hosted;
    private bool _isOver;

    private SiloFixture(ServiceProvider services)
    {
        _services = services;
        _hosted = [.. services.GetServices<IHostedService>()];
    }

    public SiloEntry Entry => _services.GetRequiredService<SiloSelf>().Entry!;

    public SiloSelf Self => _services.GetRequiredService<SiloSelf>();

    public ActivationDirectory Directory => _services.GetRequiredService<ActivationDirectory>();

    /// <summary>Waits until the silo sees exactly these.</summary>
    public async Task SeesAsync(params SiloEntry[] silos)
    {
        SiloDirectory seen = _services.GetRequiredService<SiloDirectory>();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (!seen.Order(Arrivals.Study(0)).ToHashSet().SetEquals(silos))
        {
            await timer.WaitForNextTickAsync();
        }
    }

    public static async Task<SiloFixture> StartAsync(
        IManifestStore store, ISiloTable table, ClusterOptions? options = null, GrainOptions? grains = null, ILoggerProvider? log = null)
    {
        ServiceCollection services = new();
        services.AddLogging(logging =>
        {
            if (log is not null)
            {
                logging.AddProvider(log);
            }
        });
        services.AddSingleton(store);
        services.AddSingleton(table);
        services.AddSingleton(Options.Create(grains ?? new GrainOptions()));
        services.AddGrains(DuplicatePolicy.Replace);
        services.AddSiloEndpoint(options ?? ClusterSettings.Default);
        SiloFixture fixture = new(services.BuildServiceProvider());
        foreach (IHostedService hosted in fixture._hosted)
        {
            await hosted.StartAsync(CancellationToken.None);
        }

        return fixture;
    }

    /// <summary>Returns the grain as a caller within this silo sees it.</summary>
    public IStudyGrain Study(StudyKey key) => _services.GetRequiredService<IGrainFactory>().GetStudyGrain(key);

    /// <summary>Stops as the host does: in the reverse order of registration.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _isOver = true;
        foreach (IHostedService hosted in _hosted.Reverse())
        {
            await hosted.StopAsync(cancellationToken);
        }
    }

    /// <summary>Ends abruptly: its port closes, its connections break, and its entry stays in the table until it is stale.</summary>
    public async Task KillAsync()
    {
        _isOver = true;
        await _services.GetRequiredService<CallServer>().StopAsync(new CancellationToken(canceled: true));
        await _services.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isOver)
        {
            await StopAsync(CancellationToken.None);
            await _services.DisposeAsync();
        }
    }
}
