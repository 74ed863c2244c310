using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>Begins and abandons an object, and asks for one.</summary>
internal sealed class ObjectStoreCheck(IObjectStore objects) : IReadinessCheck
{
    private static readonly ObjectKey NoObject = new("default/readiness/none.dcm");

    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using IObjectUpload upload = await objects.BeginInstanceAsync(cancellationToken);
            await objects.FindAsync(NoObject, cancellationToken);
            return null;
        }
        catch (ObjectStoreException error) when (error.Fault == ObjectStoreFault.Full)
        {
            // What is stored can be found and had; who sends is told to try later.
            return null;
        }
    }
}
