using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Dimse.Find;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Dimse.Store;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>The common beginning of C-GET and C-MOVE: reads the identifier and finds the instances.</summary>
internal sealed partial class RetrievePreparation(RetrieveSelection selection, ILogger<RetrievePreparation> logger)
{
    /// <summary>Returns the instances to send; null if the final response was already sent.</summary>
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

    /// <summary>Sends the final response with the reason for a refusal.</summary>
    public async Task RefuseAsync(IncomingOperation operation, DimseStatus status, string comment, CancellationToken cancellationToken)
    {
        LogRefused(operation.Request.Field, operation.Association.CallingAeTitle.Value, comment, status.Code);
        await operation.RespondAsync(
            RetrieveProgress.Response(operation.Request, status, null, ErrorComment.Of(comment)), null, cancellationToken);
    }

    [LoggerMessage(4535, LogLevel.Information, "{Operation} of {CallingAeTitle} refused: {Why} ({Status:X4})")]
    private partial void LogRefused(CommandField operation, string callingAeTitle, string why, ushort status);
}

/// <summary>The information models of retrieval (PS3.4 section C.6).</summary>
internal static class RetrieveModels
{
    public const string PatientRootMove = "1.2.840.10008.5.1.4.1.2.1.2";
    public const string PatientRootGet = "1.2.840.10008.5.1.4.1.2.1.3";
    public const string StudyRootMove = "1.2.840.10008.5.1.4.1.2.2.2";
    public const string StudyRootGet = "1.2.840.10008.5.1.4.1.2.2.3";

    /// <summary>Requestors are SCU; identifiers contain only UIDs and Patient IDs, so either encoding does.</summary>
    public static SopClassOffer Offer { get; } = new()
    {
        Covers = uid => uid is PatientRootMove or PatientRootGet or StudyRootMove or StudyRootGet,
        ChooseTransferSyntax = DataSetSyntaxes.Choose,
    };

    /// <summary>Returns the information model of one of these SOP classes.</summary>
    public static QueryModel Of(string sopClassUid)
        => sopClassUid is PatientRootMove or PatientRootGet ? QueryModel.PatientRoot : QueryModel.StudyRoot;
}

/// <summary>Registers retrieval over DIMSE.</summary>
public static class DimseRetrieveRegistration
{
    /// <summary>Adds C-GET and C-MOVE.</summary>
    /// <remarks>
    /// Needs the options, the peers, an <see cref="AssociationRequestor"/>, and the services of
    /// <see cref="RetrieveRegistration.AddRetrieve"/> and <see cref="DimseStoreRegistration.AddDimseStore"/>.
    /// </remarks>
    public static IServiceCollection AddDimseRetrieve(this IServiceCollection services)
        => services
            .AddRetrieve()
            .AddSingleton<RetrieveSelection>()
            .AddSingleton<RetrievePreparation>()
            .AddSingleton<StoredInstanceSender>()
            .AddSingleton<IDimseService, CGetScp>()
            .AddSingleton<IDimseService, CMoveScp>()
            .AddSingleton(RetrieveModels.Offer);
}
