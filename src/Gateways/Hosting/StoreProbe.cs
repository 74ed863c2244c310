using ImagingIngestion.Dicom;
using ImagingIngestion.Grains;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways;

/// <summary>Asks both stores whether they work: reads the manifest, and begins and abandons an object.</summary>
public sealed partial class StoreProbe(IManifestStore manifest, IObjectStore objects, TimeProvider time, ILogger<StoreProbe> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Any study will do: that there is none is an answer too.
    private static readonly StudyKey AnyStudy = new(new ProviderName("default"), new StudyInstanceUid("2.25.0"));

    /// <summary>What is wrong, null when nothing is.</summary>
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(Patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await manifest.LoadStudyAsync(AnyStudy, either.Token).WaitAsync(either.Token);
            await using IObjectUpload upload = await objects.BeginInstanceAsync(either.Token);
            return null;
        }
        catch (ObjectStoreException error) when (error.Fault == ObjectStoreFault.Full)
        {
            // What is stored can be found and had; who sends is told to try later.
            return null;
        }
        catch (Exception error) when (error is ManifestUnavailableException or ObjectStoreException)
        {
            LogNotReady(logger, error);
            return error is ObjectStoreException ? "the object store does not work" : "the manifest store does not work";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "a store does not answer in time";
        }
    }
}
