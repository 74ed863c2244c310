using System.Collections.Concurrent;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Gateways.Tests.Dimse;

/// <summary>A storage SCP that keeps the instances, and answers as a test decides.</summary>
internal sealed class StoreReceiver : IDimseService
{
    /// <summary>Called before each answer with the number of the request, from 1.</summary>
    public Func<IncomingOperation, int, Task<ushort>> Answer { get; set; } = (_, _) => Task.FromResult<ushort>(0);

    public ConcurrentQueue<(CStoreRequest Request, Association Association, string Syntax, byte[] DataSet)> Received { get; } = [];

    public bool Performs(DimseRequest request) => request is CStoreRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        CStoreRequest request = (CStoreRequest)operation.Request;
        byte[] dataSet = (await operation.DataSet!.ReadAllAsync(cancellationToken))!;
        int number;
        lock (Received)
        {
            Received.Enqueue((request, operation.Association, operation.Context.TransferSyntax, dataSet));
            number = Received.Count;
        }

        ushort status = await Answer(operation, number);
        if (operation.Association.IsOpen)
        {
            await operation.RespondAsync(
                new CStoreResponse { Status = new DimseStatus(status), SopInstanceUid = request.SopInstanceUid }, null, cancellationToken);
        }
    }
}
