using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>What C-GET and C-MOVE do first: read the identifier, and find what it asks for.</summary>
internal sealed partial class RetrievePreparation(RetrieveSelection selection, ILogger<RetrievePreparation> logger)
{
    /// <summary>The instances to send; null when the final response was sent already.</summary>
    public async Task<IReadOnlyList<RetrieveItem>?> SelectAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        byte[]? bytes = operation.DataSet is { } dataSet ? await dataSet.ReadAllAsync(cancellationToken) : [];
        RetrieveIdentifier identifier = RetrieveIdentifier.Read(
            bytes, TransferSyntax.FromUid(operation.Context.TransferSyntax), RetrieveModels.Of(operation.Context.AbstractSyntax));
        if (identifier.Refusal is { } refusal)
        {
            await RefuseAsync(operation, DimseStatus.DataSetDoesNotMatchSopClass, refusal, cancellationToken);
            return null;
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(operation.Cancelled, cancellationToken);
        try
        {
            if (await selection.SelectAsync(identifier, either.Token) is { } items)
            {
                return items;
            }

            await RefuseAsync(
                operation,
                DimseStatus.OutOfResourcesForMatches,
                $"More than {RetrieveSelection.MaxItems} instances; ask in parts",
                cancellationToken);
        }
        catch (OperationCanceledException) when (operation.Cancelled.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await operation.RespondAsync(
                RetrieveProgress.Response(operation.Request, DimseStatus.Cancel, null, null), null, cancellationToken);
        }
        catch (ManifestUnavailableException)
        {
            await RefuseAsync(
                operation, DimseStatus.OutOfResourcesForMatches, "The manifest cannot answer now; ask again later", cancellationToken);
        }

        return null;
    }

    /// <summary>Says why nothing is sent.</summary>
    public async Task RefuseAsync(IncomingOperation operation, DimseStatus status, string comment, CancellationToken cancellationToken)
    {
        LogRefused(operation.Request.Field, operation.Association.CallingAeTitle.Value, comment, status.Code);
        await operation.RespondAsync(
            RetrieveProgress.Response(operation.Request, status, null, ErrorComment.Of(comment)), null, cancellationToken);
    }

    [LoggerMessage(4535, LogLevel.Information, "{Operation} of {CallingAeTitle} refused: {Why} ({Status:X4})")]
    private partial void LogRefused(CommandField operation, string callingAeTitle, string why, ushort status);
}
