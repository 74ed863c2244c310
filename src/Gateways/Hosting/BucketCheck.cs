using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>Asks the bucket for an object that is not there. An upload would wait for room in memory, and a busy process is ready all the same.</summary>
internal sealed class BucketCheck(IObjectStore objects) : IReadinessCheck
{
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        await objects.FindAsync(ObjectKey.Absent, cancellationToken);
        return null;
    }
}
