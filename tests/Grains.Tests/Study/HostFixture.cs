using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Grains.Tests.Study;

/// <summary>A running grain host over a given store.</summary>
internal sealed class HostFixture : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly IHostedService _host;

    private HostFixture(ServiceProvider services)
    {
        _services = services;
        _host = services.GetRequiredService<IHostedService>();
    }

    public ActivationDirectory Directory => _services.GetRequiredService<ActivationDirectory>();

    public static async Task<HostFixture> StartAsync(
        IManifestStore store, GrainOptions? options = null, TimeProvider? time = null, FakeLogCollector? log = null)
    {
        ServiceCollection services = new();
        services.AddLogging(logging =>
        {
            if (log is not null)
            {
                logging.AddProvider(new FakeLoggerProvider(log));
            }
        });
        services.AddSingleton(store);
        services.AddSingleton(time ?? TimeProvider.System);
        services.AddSingleton(Options.Create(options ?? new GrainOptions()));
        services.AddGrains(DuplicatePolicy.Replace);
        HostFixture fixture = new(services.BuildServiceProvider());
        await fixture._host.StartAsync(CancellationToken.None);
        return fixture;
    }

    public IStudyGrain Study(StudyKey key) => _services.GetRequiredService<IGrainFactory>().GetStudyGrain(key);

    public Task<StoreAnswer> StoreAsync(InstanceArrival arrival, CancellationToken cancellationToken = default)
        => Study(arrival.Study).StoreInstanceAsync(arrival, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }
}
