using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Hosting.Health;

/// <summary>Whether the process may have traffic: all that its roles need works.</summary>
public sealed partial class Readiness(
    IEnumerable<IReadinessCheck> checks, ImagingOptions options, TimeProvider time, ILogger<Readiness> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ReadinessScope _scope = ScopeOf(options);
    private readonly IReadinessCheck[] _checks = [.. checks.Where(check => (check.Scope & ScopeOf(options)) != 0)];

    /// <summary>Asks all checks at once; one that fails or is late hides no other.</summary>
    public async Task<ReadinessReport> LookAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(Patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        ReadinessFault?[] found = await Task.WhenAll(_checks.Select(check => FindAsync(check, either.Token)));
        cancellationToken.ThrowIfCancellationRequested();
        return new ReadinessReport([.. found.OfType<ReadinessFault>()], _scope);
    }

    /// <summary>A process that only retrieves writes nothing.</summary>
    private static ReadinessScope ScopeOf(ImagingOptions options)
        => options.Roles == ProcessRoles.Wado ? ReadinessScope.Reading : ReadinessScope.All;

    private async Task<ReadinessFault?> FindAsync(IReadinessCheck check, CancellationToken cancellationToken)
    {
        try
        {
            return await check.FindFaultAsync(cancellationToken).WaitAsync(cancellationToken) is { } fault
                ? new ReadinessFault(check.Scope, fault, check.IsNeeded)
                : null;
        }
        catch (Exception error) when (error is ObjectStoreException { Fault: ObjectStoreFault.Full }
            or ManifestUnavailableException { IsFull: true })
        {
            // What is stored can be had, and senders are told to try later.
            return new ReadinessFault(ReadinessScope.Writing, error.Message, KeepsTrafficAway: false);
        }
        catch (Exception error) when (error is ManifestUnavailableException or ObjectStoreException)
        {
            LogNotReady(logger, error);
            return new ReadinessFault(
                check.Scope,
                $"the {(error is ObjectStoreException ? "object" : "manifest")} store does not work: {error.Message}",
                check.IsNeeded);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new ReadinessFault(check.Scope, "a store does not answer in time", check.IsNeeded);
        }
    }

    [LoggerMessage(3030, LogLevel.Warning, "A store does not work; the process is not ready")]
    private static partial void LogNotReady(ILogger logger, Exception error);
}

/// <summary>One thing that must work before the process may have traffic.</summary>
public interface IReadinessCheck
{
    /// <summary>What does not work where this finds a fault.</summary>
    ReadinessScope Scope => ReadinessScope.All;

    /// <summary>Whether the process must have no traffic where this finds a fault; otherwise the fault is only told.</summary>
    bool IsNeeded => true;

    /// <summary>What is wrong, in a few words; null when nothing is. May throw what the ports throw.</summary>
    Task<string?> FindFaultAsync(CancellationToken cancellationToken);
}
