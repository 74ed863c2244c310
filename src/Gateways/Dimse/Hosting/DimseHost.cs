using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Server;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Background;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>Listens for associations from the start of the process to its stop.</summary>
/// <remarks>
/// Draining begins with the stop signal, beside that of the HTTP server. It ends before the grains stop, so that answered instances are
/// committed.
/// </remarks>
public sealed class DimseHost(
    IOptions<DimseOptions> options,
    IOptions<IngestOptions> ingest,
    IAssociationPolicy policy,
    IEnumerable<IDimseService> services,
    Supervision supervision,
    ILogger<DimseServer> logger,
    OpenFileShares? files = null)
    : IHostedLifecycleService, IAsyncDisposable
{
    private DimseServer? _server;
    private Task _draining = Task.CompletedTask;

    /// <summary>The listening port; null before the start and if DIMSE is off.</summary>
    public int? Port => _server?.Port;

    /// <exception cref="IOException">The port is not available.</exception>
    /// <exception cref="InvalidDataException">A certificate cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Port == DimseOptions.Off)
        {
            return;
        }

        DimseServer server = new(
            DimseSettings.Server(options.Value, ingest.Value, files ?? OpenFileShares.Unlimited),
            policy,
            [.. services],
            supervision.Time,
            logger);
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch (IOException exception)
        {
            await server.DisposeAsync();
            throw new IOException($"{exception.Message} Set {DimseOptions.Section[nameof(DimseOptions.Port)].Names}.", exception);
        }

        _server = server;
        supervision.Watch("accepting of DIMSE connections", () => server.AcceptFault);
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _draining = _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => _draining;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
