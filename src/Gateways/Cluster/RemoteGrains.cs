using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>The study grains of the cluster as a process without grains of its own sees them: each call goes to a silo.</summary>
public sealed class RemoteGrains(SiloDirectory directory, SiloChannels channels, ClusterOptions options, TimeProvider time) : IGrainFactory
{
    private readonly CallBudget _budget = new(options.Calls.MaxWaitingCalls, options.Calls.MaxWaitingBytes);

    public IStudyGrain GetStudyGrain(StudyKey key) => new RemoteStudyGrain(key, this);

    /// <summary>Calls the study's silo, or the next ones where that cannot take the call.</summary>
    /// <exception cref="GrainOverloadedException">Nothing was done: too much is under way here, or in the silo.</exception>
    /// <exception cref="ManifestUnavailableException">Nothing is known to be committed.</exception>
    internal async Task<RemoteAnswer> CallAsync(GrainCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long bytes = GrainCallCodec.EstimateBytes(call);
        if (!_budget.TryTake(bytes))
        {
            throw new GrainOverloadedException();
        }

        try
        {
            return await new RemoteCall(call, directory, channels, options.Calls, time).RunAsync(cancellationToken);
        }
        finally
        {
            _budget.Return(bytes);
        }
    }
}
