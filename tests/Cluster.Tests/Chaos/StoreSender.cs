using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.EndToEnd.Tests.Durability;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>A modality that sends an instance again until it is answered 0000, and opens another association when one is lost.</summary>
internal sealed class StoreSender(int port, LoadNames names, Ledger ledger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    public async Task RunAsync(CancellationToken stop)
    {
        using PeriodicTimer pause = new(Pause);
        LoadInstance? waiting = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using DimseSender sender = await DimseSender.ConnectAsync(port, [(TestInstance.SecondaryCapture, Syntax.ExplicitLittle)]);
                while (!stop.IsCancellationRequested)
                {
                    LoadInstance instance = waiting ?? names.Next();
                    waiting = await TryStoreAsync(sender, instance) ? null : instance;
                    if (waiting is not null)
                    {
                        await pause.WaitForNextTickAsync(CancellationToken.None);
                    }
                }
            }
            catch (Exception error) when (error is AssociationException or TimeoutException)
            {
                ledger.Refuse($"C-STORE {(error as AssociationException)?.Fault.ToString() ?? "no answer"}");
                await pause.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }

    private async Task<bool> TryStoreAsync(DimseSender sender, LoadInstance instance)
    {
        ledger.Send(instance);
        CStoreResponse response = await sender.StoreAsync(TestInstance.SecondaryCapture, instance.Path.Sop, Syntax.ExplicitLittle, instance.ToDataSet());
        if (response.Status.IsSuccess)
        {
            ledger.Acknowledge(instance);
            return true;
        }

        ledger.Refuse($"C-STORE {response.Status}");
        if (response.Status != DimseStatus.OutOfResources && response.Status != DimseStatus.ProcessingFailure)
        {
            ledger.Fault($"C-STORE {response.Status} {response.ErrorComment}");
        }

        return false;
    }
}
