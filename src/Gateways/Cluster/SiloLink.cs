using ImagingIngestion.Grains.Cluster;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>What this process has learned of one silo: how its clock stands to ours, and which key it holds.</summary>
internal sealed class SiloLink
{
    private long _offset = long.MinValue;

    /// <summary>The key under which the silo answered last.</summary>
    public CallSeal? Seal { get; set; }

    /// <summary>The silo's clock is known.</summary>
    public bool IsSynchronised => Interlocked.Read(ref _offset) != long.MinValue;

    /// <summary>
    /// Our time in the silo's clock, both in milliseconds. Never later than the silo itself has it, because answers take time to arrive.
    /// </summary>
    public long ToSiloTime(long ours) => ours + Interlocked.Read(ref _offset);

    public void Synchronise(long siloTime, long ours) => Interlocked.Exchange(ref _offset, siloTime - ours);
}
