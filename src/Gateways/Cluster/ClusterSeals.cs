using ImagingIngestion.Grains.Cluster;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>The keys of a process: the current one first, then the one before.</summary>
public static class ClusterSeals
{
    /// <exception cref="InvalidDataException">There is no key: a process of a cluster does not start without one.</exception>
    public static CallSeal[] Of(ClusterOptions options)
    {
        if (options.Key is null)
        {
            throw new InvalidDataException(
                "A process of a cluster needs the key that all of them share: set "
                    + $"{ClusterOptions.Section[nameof(ClusterOptions.Key)].Names} to a secret of at "
                    + $"least {ClusterOptions.MinKeyBytes} characters.");
        }

        return options.PreviousKey is null ? [new CallSeal(options.Key)] : [new CallSeal(options.Key), new CallSeal(options.PreviousKey)];
    }
}
