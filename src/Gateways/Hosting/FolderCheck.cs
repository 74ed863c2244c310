using ImagingIngestion.Grains;

namespace ImagingIngestion.Gateways;

/// <summary>Begins and abandons an object in the folder.</summary>
internal sealed class FolderCheck(IObjectStore objects) : IReadinessCheck
{
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using IObjectUpload upload = await objects.BeginInstanceAsync(cancellationToken);
            return null;
        }
        catch (ObjectStoreException error) when (error.Fault == ObjectStoreFault.Full)
        {
            // What is stored can be found and had; who sends is told to try later.
            return null;
        }
    }
}
