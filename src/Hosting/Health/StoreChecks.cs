using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ImagingIngestion.Hosting.Health;

/// <summary>Asks the manifest whether it can be read, or written.</summary>
internal sealed class ManifestCheck(IStoreHealth manifest, ReadinessScope scope) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => StoreFault.CheckAsync(context, FindAsync, cancellationToken);

    private async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        string? fault = scope == ReadinessScope.Reading
            ? await manifest.FindReadingFaultAsync(cancellationToken)
            : await manifest.FindWritingFaultAsync(cancellationToken);
        return fault is null ? null : $"the manifest store does not work: {fault}";
    }
}

/// <summary>
/// Reports damage that any read or write of the manifest file has met: a file with some damaged pages still answers from the others.
/// </summary>
internal sealed class ManifestFileCheck(SqliteManifestStore manifest) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => StoreFault.CheckAsync(context, _ => Task.FromResult(manifest.Damage), cancellationToken);
}

/// <summary>Looks for the mark of this installation in the object store: it is there, it is the right one, and it can be read.</summary>
internal sealed class ObjectsReadingCheck(StoreMark mark) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => StoreFault.CheckAsync(context, mark.FindFaultAsync, cancellationToken);
}

/// <summary>Asks the object store whether it would take an object.</summary>
/// <remarks>It does not begin an upload: that would wait for room in memory, and a busy process is ready all the same.</remarks>
/// <param name="mark">The object to ask with.</param>
/// <param name="trust">How long a good answer counts: in a bucket each question costs a request.</param>
/// <param name="time">The clock.</param>
internal sealed class ObjectsWritingCheck(StoreMark mark, TimeSpan trust, TimeProvider time) : IHealthCheck
{
    private long? _workedAt;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => StoreFault.CheckAsync(context, FindAsync, cancellationToken);

    private async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        if (_workedAt is { } since && time.GetElapsedTime(since) < trust)
        {
            return null;
        }

        _workedAt = null;
        await mark.TryWriteAsync(cancellationToken);
        _workedAt = time.GetTimestamp();
        return null;
    }
}

/// <summary>Turns what a store answers to a check, or fails with, into the result of the check.</summary>
public static class StoreFault
{
    /// <summary>Runs a check.</summary>
    /// <param name="context">Says how grave a fault is.</param>
    /// <param name="find">Returns the fault in a few words, null for none. It may throw what the ports throw.</param>
    /// <param name="cancellationToken">Ends the wait for a store that does not answer.</param>
    public static async Task<HealthCheckResult> CheckAsync(
        HealthCheckContext context, Func<CancellationToken, Task<string?>> find, CancellationToken cancellationToken)
    {
        HealthStatus failed = context.Registration.FailureStatus;
        try
        {
            return await find(cancellationToken).WaitAsync(cancellationToken) is { } fault
                ? new HealthCheckResult(failed, fault)
                : HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is ObjectStoreException { Fault: ObjectStoreFault.Full }
            or ManifestUnavailableException { IsFull: true })
        {
            // Stored instances can still be read, and senders are told to try later.
            return HealthCheckResult.Degraded(error.Message);
        }
        catch (Exception error) when (error is ManifestUnavailableException or ObjectStoreException)
        {
            string store = error is ObjectStoreException ? "object" : "manifest";
            return new HealthCheckResult(failed, $"the {store} store does not work: {error.Message}", error);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(failed, "a store does not answer in time");
        }
    }
}
