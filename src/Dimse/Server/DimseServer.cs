using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse;

/// <summary>Listens for associations and performs what is asked on them.</summary>
/// <param name="options">Where, and how much.</param>
/// <param name="policy">Decides on association requests.</param>
/// <param name="services">Perform the operations; a request that none performs is answered 0211 or 0122.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed class DimseServer(DimseServerOptions options, IAssociationPolicy policy, IReadOnlyList<IDimseService> services, TimeProvider time, ILogger<DimseServer> logger) : IAsyncDisposable
{
    /// <summary>The port that it listens on, once it is started.</summary>
    public int Port => throw new NotImplementedException();

    /// <summary>Open associations.</summary>
    public int AssociationCount => throw new NotImplementedException();

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The address cannot be had; the message says what to change.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = (options, policy, services, time, logger);
        throw new NotImplementedException();
    }

    /// <summary>Takes no more connections, lets the operations that are open finish, then aborts what is left.</summary>
    /// <param name="cancellationToken">Ends the waiting: what is open is aborted.</param>
    public Task StopAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
