using System.Runtime.CompilerServices;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>Query as SCP (PS3.4 section C.4.1).</summary>
/// <remarks>
/// Matches are read in pages, each in a short transaction, and sent one by one. So neither their number nor a slow peer burdens memory or
/// the store.
/// </remarks>
internal sealed partial class FindScp(
    IManifestQuery manifest, HeaderBudget headers, ServedSpace space, IOptions<DimseOptions> options, ILogger<FindScp> logger)
        : IDimseService
{
    private readonly DimseOptions _options = options.Value;

    /// <summary>Matches that are held at once.</summary>
    private const int PageSize = 200;

    public bool Performs(DimseRequest request)
        => request is CFindRequest && (request.SopClassUid.Length == 0 || QueryModel.OfFind(request.SopClassUid) is not null);

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        (FindQuery? query, FindRefusal? refusal) = await ReadAsync(operation, cancellationToken);
        if (query is null)
        {
            await RefuseAsync(operation, refusal!, cancellationToken);
            return;
        }

        int sent = 0;
        DimseStatus status;
        try
        {
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(operation.Cancelled, cancellationToken);
            await foreach (SearchRow row in SearchAsync(query, either.Token))
            {
                await SendAsync(operation, query, row, cancellationToken);
                sent++;
                either.Token.ThrowIfCancellationRequested();
            }

            status = DimseStatus.Success;
        }
        catch (OperationCanceledException) when (operation.Cancelled.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            status = DimseStatus.Cancel;
        }
        catch (HeaderBudgetException exception)
        {
            await RefuseAsync(operation, new FindRefusal(DimseStatus.OutOfResources, exception.Message), cancellationToken);
            return;
        }
        catch (ManifestUnavailableException)
        {
            await RefuseAsync(
                operation, new FindRefusal(DimseStatus.OutOfResources, "The store is not available; try again later"), cancellationToken);
            return;
        }

        await operation.RespondAsync(Response(operation, status), null, cancellationToken);
        LogFound(operation.Association.CallingAeTitle.Value, query.Level, sent, status);
    }

    private static async Task<(FindQuery? Query, FindRefusal? Refusal)> ReadAsync(
        IncomingOperation operation, CancellationToken cancellationToken)
    {
        if (QueryModel.OfFind(operation.Context.AbstractSyntax) is not { } model)
        {
            return (null, new FindRefusal(DimseStatus.SopClassNotSupported, "The presentation context is not one of queries"));
        }

        if (operation.DataSet is null)
        {
            return (null, new FindRefusal(DimseStatus.DataSetDoesNotMatchSopClass, "The request has no identifier"));
        }

        if (await operation.DataSet.ReadAllAsync(cancellationToken) is not { } bytes)
        {
            return (null, FindRefusal.TooLong);
        }

        FindIdentifier.TryRead(
            bytes,
            TransferSyntax.FromUid(operation.Context.TransferSyntax),
            model,
            QueryOptions.Of(operation.Association, model.FindSopClass),
            out FindQuery? query,
            out FindRefusal? refusal);
        return (query, refusal);
    }

    private async IAsyncEnumerable<SearchRow> SearchAsync(FindQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SearchRequest request = query.ToRequest(space.Provider, PageSize);
        SearchPage page;
        do
        {
            page = await manifest.SearchAsync(request, cancellationToken);
            foreach (SearchRow row in page.Rows)
            {
                yield return row;
            }

            request = request with { After = page.End };
        }
        while (page.HasMore);
    }

    private async Task SendAsync(IncomingOperation operation, FindQuery query, SearchRow row, CancellationToken cancellationToken)
    {
        using HeaderShare share = headers.Open();
        DicomDataset identifier = await new FindAnswer(query, _options.AeTitle).BuildAsync(row, share, cancellationToken);
        using MemoryStream bytes = new();
        DataSetWriter writer = new(bytes, NoBulkAsync, TransferSyntax.FromUid(operation.Context.TransferSyntax));
        await writer.WriteAsync(identifier, cancellationToken);
        DimseStatus status = query.HasUnsupportedKeys ? DimseStatus.PendingWithoutSomeKeys : DimseStatus.Pending;
        await operation.RespondAsync(Response(operation, status), bytes.GetBuffer().AsMemory(0, (int)bytes.Length), cancellationToken);
    }

    private async Task RefuseAsync(IncomingOperation operation, FindRefusal refusal, CancellationToken cancellationToken)
    {
        CFindResponse response = Response(operation, refusal.Status) with { ErrorComment = ErrorComment.Of(refusal.Comment) };
        await operation.RespondAsync(response, null, cancellationToken);
        LogRefused(operation.Association.CallingAeTitle.Value, refusal.Status, refusal.Comment);
    }

    private static Task NoBulkAsync(DicomElement element, Stream target, CancellationToken cancellationToken)
        => throw new InvalidOperationException("Identifiers of responses have no bulk values.");

    private static CFindResponse Response(IncomingOperation operation, DimseStatus status)
        => new() { Status = status, SopClassUid = operation.Context.AbstractSyntax };

    [LoggerMessage(4520, LogLevel.Information, "C-FIND of {CallingAeTitle} refused: {Status}. {Reason}")]
    private partial void LogRefused(string callingAeTitle, DimseStatus status, string reason);

    [LoggerMessage(4521, LogLevel.Debug, "C-FIND of {CallingAeTitle} at level {Level} answered with {Count} matches: {Status}")]
    private partial void LogFound(string callingAeTitle, QueryLevel level, int count, DimseStatus status);
}

/// <summary>Registers queries over DIMSE.</summary>
public static class DimseFindRegistration
{
    /// <summary>
    /// Adds C-FIND; needs an <see cref="Manifest.Ports.IManifestQuery"/>, <see cref="ServedSpace"/> and
    /// <see cref="DimseOptions"/>.
    /// </summary>
    public static IServiceCollection AddDimseFind(this IServiceCollection services)
        => services
            .AddHeaderBudget()
            .AddSingleton<IDimseService, FindScp>()
            .AddSingleton(new SopClassOffer
            {
                Covers = uid => QueryModel.OfFind(uid) is not null,
                ChooseTransferSyntax = DataSetSyntaxes.Choose,
                Negotiate = QueryOptions.Grant,
            });
}
