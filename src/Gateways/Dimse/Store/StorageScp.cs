using System.Buffers;
using System.Net;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Background;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Dimse.Store;

/// <summary>Storage as SCP (PS3.4 annex B).</summary>
/// <remarks>
/// The data set streams from the connection into the ingest pipeline, and success is answered after the commit of the manifest. STOW-RS
/// uses the same table of statuses.
/// </remarks>
public sealed partial class StorageScp(
    InstanceIngest ingest,
    UploadAdmission admission,
    ServedSpace space,
    IOptions<IngestOptions> options,
    TimeProvider time,
    ILogger<StorageScp> logger) : IDimseService
{
    private readonly IngestOptions _options = options.Value;

    public bool Performs(DimseRequest request) => request is CStoreRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        CStoreRequest request = (CStoreRequest)operation.Request;
        using Deadline deadline = new(_options.RequestDeadline, time, cancellationToken);
        StoreResult result;
        try
        {
            result = await StoreAsync(operation, request, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.HasExpired)
        {
            LogTooSlow(operation.Association.CallingAeTitle.Value, _options.RequestDeadline);
            await operation.Association.AbortAsync(cancellationToken);
            return;
        }

        await operation.RespondAsync(Answer(request, result), null, cancellationToken);
        if (result.Failure is { } failure)
        {
            LogRefused(
                operation.Association.CallingAeTitle.Value, result.SopInstance?.Value ?? "", failure, failure.StoreStatus(), result.Detail);
        }
    }

    private async Task<StoreResult> StoreAsync(IncomingOperation operation, CStoreRequest request, CancellationToken cancellationToken)
    {
        if (operation.DataSet is not { } dataSet)
        {
            return StoreResult.Failed(StoreFailure.CannotUnderstand, "The command came without a data set");
        }

        DataSetSource source = new(dataSet);
        await source.WaitForBytesAsync(cancellationToken);
        IPAddress? address = (operation.Association.RemoteEndPoint as IPEndPoint)?.Address;
        using FairPlace? place = await admission.TryQueueAsync(address, operation.Association.CallingAeTitle.Value, cancellationToken);
        if (place is null)
        {
            return StoreResult.Failed(StoreFailure.ResourceLimitation, "Too many instances arrive at once: send again later");
        }

        source.Pace = place.Pace;
        IngestContext context = new(space.Provider)
        {
            DataSetSyntax = operation.Context.TransferSyntax,
            ExpectedSopClass = request.SopClassUid,
            ExpectedSopInstance = request.SopInstanceUid,
            Room = place,
            CallingAeTitle = operation.Association.CallingAeTitle.Value,
        };
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(place.Revoked, cancellationToken);
        try
        {
            return await ingest.StoreAsync(source, context, either.Token);
        }
        catch (OperationCanceledException) when (place.Loss is not null && !cancellationToken.IsCancellationRequested)
        {
            return StoreResult.Failed(StoreFailure.ResourceLimitation, place.Loss == PlaceLoss.TooSlow
                ? "Others waited while this came slowly: send again later"
                : "Others wait and this peer has more than its share: send later");
        }
    }

    private static CStoreResponse Answer(CStoreRequest request, StoreResult result)
    {
        ushort status = result.Failure?.StoreStatus() ?? (ushort)(result.Warning ?? 0);
        return new CStoreResponse
        {
            Status = new DimseStatus(status),
            SopClassUid = request.SopClassUid.Length > 0 ? request.SopClassUid : result.SopClass?.Value,
            SopInstanceUid = request.SopInstanceUid.Length > 0 ? request.SopInstanceUid : result.SopInstance?.Value,
            ErrorComment = result.IsStored ? null : ErrorComment.Of(result.Detail),
        };
    }

    [LoggerMessage(
        4500, LogLevel.Information, "C-STORE of {CallingAeTitle} refused, instance '{SopInstanceUid}': {Failure} ({Status:X4}). {Detail}")]
    private partial void LogRefused(string callingAeTitle, string sopInstanceUid, StoreFailure failure, ushort status, string detail);

    [LoggerMessage(4501, LogLevel.Warning, "A C-STORE of {CallingAeTitle} took longer than {Deadline}; its association is aborted")]
    private partial void LogTooSlow(string callingAeTitle, TimeSpan deadline);
}

/// <summary>The instance of a C-STORE, fragment by fragment.</summary>
/// <remarks>An association that ends within it ends the store, like a lost HTTP connection.</remarks>
internal sealed class DataSetSource(IncomingDataSet dataSet) : IInstanceSource
{
    private ReadOnlySequence<byte>? _first;

    /// <summary>Notified of the bytes and of the waits for them; null until the instance has a place.</summary>
    public PeerPace? Pace { get; set; }

    /// <summary>Waits for the first bytes of the data set.</summary>
    public async Task WaitForBytesAsync(CancellationToken cancellationToken) => _first = await dataSet.ReadAsync(cancellationToken);

    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        if (_first is { } first)
        {
            _first = null;
            Pace?.Add(first.Length);
            return first;
        }

        Pace?.BeginWait();
        try
        {
            ReadOnlySequence<byte> piece = await dataSet.ReadAsync(cancellationToken);
            Pace?.Add(piece.Length);
            return piece;
        }
        finally
        {
            Pace?.EndWait();
        }
    }

    public bool EndsRequest(Exception exception) => exception is AssociationException;
}

/// <summary>The SOP classes and transfer syntaxes of storage: all, as they come, because nothing is decoded.</summary>
public static class StorageOffer
{
    private const string MediaStorageDirectory = "1.2.840.10008.1.3.10";
    private const string StorageCommitment = "Storage Commitment";

    /// <summary>Creates the offer of a process.</summary>
    public static SopClassOffer Create(DimseOptions options)
    {
        HashSet<string> listed = [.. options.StorageSopClasses];
        bool takesAll = listed.Count == 0 || listed.Contains(DimseOptions.AllSopClasses);
        bool takesStandard = takesAll || listed.Contains(DimseOptions.StandardSopClasses);
        return new SopClassOffer
        {
            Covers = uid => listed.Contains(uid)
                || (IsKnown(uid) ? takesStandard && IsStandardStorage(uid) : takesAll && DicomUid.IsValid(uid)),
            ChooseTransferSyntax = ChooseTransferSyntax,

            // A C-GET requestor acts as storage SCP.
            AllowsRequestorAsScp = true,
        };
    }

    /// <summary>Returns whether the UID is a storage SOP class of the standard, retired or not.</summary>
    /// <remarks>Two retired classes have no name in the registry; both store images.</remarks>
    public static bool IsStandardStorage(string uid)
        => uid != MediaStorageDirectory
            && UidRegistry.TryGet(uid, out UidEntry? entry)
            && entry.Type == UidType.SopClass
            && (entry.Name.Length == 0 || entry.Name.Contains("Storage", StringComparison.Ordinal))
            && !entry.Name.StartsWith(StorageCommitment, StringComparison.Ordinal);

    /// <summary>Returns the first proposed UID.</summary>
    /// <remarks>
    /// Explicit VR Little Endian goes before an earlier Implicit VR Little Endian, because it keeps the VRs of private elements.
    /// </remarks>
    public static string? ChooseTransferSyntax(IReadOnlyList<string> proposed)
    {
        string? first = proposed.FirstOrDefault(uid => DicomUid.IsValid(uid));
        string better = TransferSyntax.ExplicitVRLittleEndian.Uid;
        return first == TransferSyntax.ImplicitVRLittleEndian.Uid && proposed.Contains(better) ? better : first;
    }

    private static bool IsKnown(string uid) => UidRegistry.TryGet(uid, out _);
}

/// <summary>Registers storage over DIMSE.</summary>
public static class DimseStoreRegistration
{
    /// <summary>
    /// Needs the ingest pipeline as <see cref="StowRegistration.AddStow"/> registers it, and <see cref="ServedSpace"/>.
    /// </summary>
    public static IServiceCollection AddDimseStore(this IServiceCollection services)
        => services
            .AddSingleton<IDimseService, StorageScp>()
            .AddSingleton(provider => StorageOffer.Create(provider.GetRequiredService<IOptions<DimseOptions>>().Value));
}
