using ImagingIngestion.Grains;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways;

/// <summary>Whether the process may have traffic: all that its roles need works.</summary>
internal sealed partial class Readiness(IEnumerable<IReadinessCheck> checks, TimeProvider time, ILogger<Readiness> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IReadinessCheck[] _checks = [.. checks];

    /// <summary>What is wrong, null when nothing is.</summary>
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(Patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            string?[] faults = await Task.WhenAll(_checks.Select(check => check.FindFaultAsync(either.Token))).WaitAsync(either.Token);
            return faults.FirstOrDefault(fault => fault is not null);
        }
        catch (Exception error) when (error is ManifestUnavailableException or ObjectStoreException)
        {
            LogNotReady(logger, error);
            return error switch
            {
                ManifestUnavailableException { NeedsOperator: true } => $"the manifest store does not work: {error.Message}",
                ManifestUnavailableException => "the manifest store does not work",
                _ => "the object store does not work",
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "a store does not answer in time";
        }
    }
}
