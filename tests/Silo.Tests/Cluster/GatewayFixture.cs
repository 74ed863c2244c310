using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Silo.Tests.Cluster;

/// <summary>A process without grains that calls those of the silos in a table.</summary>
internal sealed class GatewayFixture : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public GatewayFixture(ISiloTable table, ClusterOptions? options = null, ILoggerProvider? log = null)
    {
        ServiceCollection services = new();
        services.AddLogging(logging =>
        {
            if (log is not null)
            {
                logging.AddProvider(log);
            }
        });
        services.AddSingleton(table);
        services.AddRemoteGrains(options ?? ClusterSettings.Default);
        _services = services.BuildServiceProvider();
    }

    public IStudyGrain Study(StudyKey key) => _services.GetRequiredService<IGrainFactory>().GetStudyGrain(key);

    public Task<StoreAnswer> StoreAsync(InstanceArrival arrival, CancellationToken cancellationToken = default)
        => Study(arrival.Study).StoreInstanceAsync(arrival, cancellationToken);

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
