using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Dimse.Hosting;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>Counts the sub-operations of one C-GET or C-MOVE, and reports to the peer after each of them.</summary>
internal sealed class RetrieveProgress(IncomingOperation operation, int total)
{
    /// <summary>Keeps the counters in ascending order on the wire, although sub-operations run in parallel.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    private readonly List<string> _failedInstances = [];
    private int _completed;
    private int _warning;

    public int Remaining => total - _completed - _warning - Failed;

    public int Failed => _failedInstances.Count;

    public int Total => total;

    /// <summary>The peer has cancelled.</summary>
    public bool IsCancelled => operation.Cancelled.IsCancellationRequested;

    /// <summary>Counts a performed sub-operation. The final response reports the last one.</summary>
    /// <exception cref="AssociationException">The peer is gone.</exception>
    public async Task AddAsync(RetrieveItem item, SubOperationResult result, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            switch (result)
            {
                case SubOperationResult.Completed:
                    _completed++;
                    break;
                case SubOperationResult.Warning:
                    _warning++;
                    break;
                default:
                    Fail(item);
                    break;
            }

            if (Remaining > 0)
            {
                await operation.RespondAsync(
                    Response(operation.Request, DimseStatus.Pending, Counts(withRemaining: true), null), null, cancellationToken);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Counts a sub-operation that cannot be tried; no other thread may add any more.</summary>
    public void Fail(RetrieveItem item) => _failedInstances.Add(item.Id.Sop.Value);

    /// <summary>Sends the final response (PS3.4 table C.4-2) with the list of failed instances.</summary>
    /// <param name="comment">An explanation if something failed.</param>
    /// <param name="cancellationToken">The peer is gone.</param>
    public async Task FinishAsync(string? comment, CancellationToken cancellationToken)
    {
        bool isCancelled = Remaining > 0;
        DimseStatus status = isCancelled ? DimseStatus.Cancel
            : Failed == 0 && _warning == 0 ? DimseStatus.Success
            : Failed == total ? DimseStatus.OutOfResourcesForSubOperations
            : DimseStatus.SubOperationsWithFailures;
        ReadOnlyMemory<byte>? failed = Failed == 0 ? (ReadOnlyMemory<byte>?)null : await FailedListAsync(cancellationToken);
        DimseResponse response = Response(
            operation.Request, status, Counts(isCancelled), Failed == 0 || comment is null ? null : ErrorComment.Of(comment));
        await operation.RespondAsync(response, failed, cancellationToken);
    }

    /// <summary>Creates the response to a C-GET or C-MOVE.</summary>
    public static DimseResponse Response(DimseRequest request, DimseStatus status, SubOperations? counts, string? comment)
        => request is CMoveRequest
            ? new CMoveResponse { Status = status, SopClassUid = request.SopClassUid, SubOperations = counts, ErrorComment = comment }
            : new CGetResponse { Status = status, SopClassUid = request.SopClassUid, SubOperations = counts, ErrorComment = comment };

    private SubOperations Counts(bool withRemaining)
        => new(withRemaining ? (ushort)Remaining : null, (ushort)_completed, (ushort)Failed, (ushort)_warning);

    /// <summary>Builds the Failed SOP Instance UID List (0008,0058).</summary>
    private async Task<ReadOnlyMemory<byte>> FailedListAsync(CancellationToken cancellationToken)
    {
        DicomDataset identifier = new();
        identifier.Set(
            new DicomElement(DicomTag.FailedSOPInstanceUIDList, DicomVR.UI, Encoding.ASCII.GetBytes(string.Join('\\', _failedInstances))));
        using MemoryStream bytes = new();
        DataSetWriter writer = new(
            bytes,
            (_, _, _) => throw new InvalidOperationException("A list of UIDs is no bulk value."),
            TransferSyntax.FromUid(operation.Context.TransferSyntax));
        await writer.WriteAsync(identifier, cancellationToken);
        return bytes.ToArray();
    }
}
