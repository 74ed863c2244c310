using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>
/// C-GET as SCP (PS3.4 section C.4.3): sends the instances on the requesting association, whose contexts must allow this side to be SCU of
/// storage.
/// </summary>
internal sealed class CGetScp(RetrievePreparation preparation, StoredInstanceSender sender) : IDimseService
{
    public bool Performs(DimseRequest request) => request is CGetRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        if (await preparation.SelectAsync(operation, cancellationToken) is not { } items)
        {
            return;
        }

        RetrieveProgress progress = new(operation, items.Count);
        foreach (RetrieveItem item in items)
        {
            if (progress.IsCancelled)
            {
                break;
            }

            SubOperationResult result = await sender.SendAsync(operation.Association, item, originator: null, cancellationToken);
            await progress.AddAsync(item, result, cancellationToken);
        }

        await progress.FinishAsync("Instances failed; the log of this system says why", cancellationToken);
    }
}
