using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>
/// Takes requests for storage commitment (N-ACTION): success is answered when the request is durable (PS3.4 section J.3.2).
/// </summary>
internal sealed partial class StorageCommitmentScp(
    ICommitmentQueue queue, OpenTransactions open, CommitmentSignal signal, ProviderName provider, IOptions<CommitmentOptions> options,
    ILogger<StorageCommitmentScp> logger)
    : IDimseService
{
    private readonly CommitmentOptions _options = options.Value;

    /// <summary>The average number of instances of a waiting request; all together may not exceed it.</summary>
    private const int ReferencesPerWaiting = 100;

    private readonly CommitmentCapacity _capacity = new(
        options.Value.MaxWaiting, Math.Max(options.Value.MaxReferences, options.Value.MaxWaiting * ReferencesPerWaiting));

    public bool Performs(DimseRequest request) => request is NActionRequest { SopClassUid: StorageCommitment.SopClassUid };

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        NActionRequest action = (NActionRequest)operation.Request;
        ActionInformation information = await ReadAsync(action, operation, cancellationToken);
        CommitmentRequest request = new()
        {
            Provider = provider,
            CallingAeTitle = operation.Association.CallingAeTitle.Value,
            CalledAeTitle = operation.Association.CalledAeTitle.Value,
            TransactionUid = information.TransactionUid,
            References = information.References,
        };
        information = information.Status.IsSuccess ? await AddAsync(request, information, cancellationToken) : information;
        await RespondAsync(operation, action, information, cancellationToken);
        if (information.Status.IsSuccess)
        {
            LogRequested(request.References.Count, request.CallingAeTitle, request.TransactionUid);
            open.Add(request, operation.Association, operation.Context);
            signal.Raise();
        }
        else
        {
            LogRefused(request.CallingAeTitle, information.Status, information.Comment);
        }
    }

    private async Task<ActionInformation> ReadAsync(NActionRequest action, IncomingOperation operation, CancellationToken cancellationToken)
    {
        if (action.SopInstanceUid != StorageCommitment.SopInstanceUid)
        {
            return ActionInformation.Refuse(
                DimseStatus.NoSuchInstance, "Requested SOP Instance UID must be " + StorageCommitment.SopInstanceUid);
        }

        if (action.ActionTypeId != StorageCommitment.RequestAction)
        {
            return ActionInformation.Refuse(DimseStatus.NoSuchAction, "Action Type ID must be 1, Request Storage Commitment");
        }

        if (operation.DataSet is null)
        {
            return ActionInformation.Refuse(DimseStatus.InvalidArgument, "The request has no action information");
        }

        return await operation.DataSet.ReadAllAsync(cancellationToken) is { } bytes
            ? ActionInformation.Read(bytes, TransferSyntax.FromUid(operation.Context.TransferSyntax), _options.MaxReferences)
            : ActionInformation.Refuse(DimseStatus.ResourceLimitation, "The action information is too long; ask in parts");
    }

    private async Task<ActionInformation> AddAsync(
        CommitmentRequest request, ActionInformation information, CancellationToken cancellationToken)
    {
        try
        {
            return await queue.AddAsync(request, _options.ReportDelay, _capacity, cancellationToken)
                ? information
                : ActionInformation.Refuse(DimseStatus.ResourceLimitation, "Too many requests wait for their result; try again later");
        }
        catch (ManifestUnavailableException error)
        {
            return error.IsFull
                ? ActionInformation.Refuse(DimseStatus.ResourceLimitation, "No space is left")
                : ActionInformation.Refuse(DimseStatus.ProcessingFailure, "The store is not available; try again later");
        }
    }

    private static ValueTask RespondAsync(
        IncomingOperation operation, NActionRequest action, ActionInformation information, CancellationToken cancellationToken)
    {
        NActionResponse response = new()
        {
            Status = information.Status,
            ErrorComment = information.Comment is { } comment ? ErrorComment.Of(comment) : null,
            SopClassUid = StorageCommitment.SopClassUid,
            SopInstanceUid = StorageCommitment.SopInstanceUid,
            ActionTypeId = action.ActionTypeId,
        };
        return operation.RespondAsync(response, null, cancellationToken);
    }

    [LoggerMessage(
        4550, LogLevel.Information, "Storage commitment of {Count} instances is requested by {AeTitle}, transaction {Transaction}")]
    private partial void LogRequested(int count, string aeTitle, string transaction);

    [LoggerMessage(4551, LogLevel.Warning, "A request for storage commitment by {AeTitle} is refused with {Status}: {Reason}")]
    private partial void LogRefused(string aeTitle, DimseStatus status, string? reason);
}

/// <summary>The data set of the N-ACTION of storage commitment (PS3.4 table J.3-1).</summary>
internal sealed class ActionInformation
{
    /// <summary>Items have two elements; this leaves room for others that devices add.</summary>
    private const int ElementsPerItem = 16;

    private ActionInformation(DimseStatus status, string? comment)
    {
        Status = status;
        Comment = comment;
    }

    /// <summary>Success, or why the request is refused.</summary>
    public DimseStatus Status { get; }

    /// <summary>Why the request is refused.</summary>
    public string? Comment { get; }

    public string TransactionUid { get; private init; } = "";

    public IReadOnlyList<CommitmentReference> References { get; private init; } = [];

    public static ActionInformation Refuse(DimseStatus status, string comment) => new(status, comment);

    /// <summary>Reads the information.</summary>
    /// <param name="bytes">The data set.</param>
    /// <param name="syntax">Its encoding.</param>
    /// <param name="maxReferences">More references are refused as a resource limitation.</param>
    public static ActionInformation Read(byte[] bytes, TransferSyntax syntax, int maxReferences)
    {
        DataSetParser parser = new(
            syntax,
            new DicomReaderOptions { MaxDepth = 4, MaxItems = maxReferences + 1, MaxElements = ElementsPerItem * (maxReferences + 1) });
        try
        {
            parser.Feed(bytes);
            parser.Complete();
        }
        catch (DicomParseException error)
        {
            return error.Error == DicomParseError.LimitExceeded ? TooMany(maxReferences) : Refuse("The action information cannot be read");
        }

        return Read(parser.Dataset, maxReferences);
    }

    private static ActionInformation Read(DicomDataset dataset, int maxReferences)
    {
        string? transaction = dataset.GetString(DicomTag.TransactionUID);
        if (!DicomUid.IsValid(transaction))
        {
            return Refuse("Transaction UID (0008,1195) is missing or no UID");
        }

        if (!dataset.TryGet(DicomTag.ReferencedSOPSequence, out DicomElement? sequence) || sequence.Items is not { Count: > 0 } items)
        {
            return Refuse("Referenced SOP Sequence (0008,1199) is missing or empty");
        }

        if (items.Count > maxReferences)
        {
            return TooMany(maxReferences);
        }

        List<CommitmentReference> references = new(items.Count);
        foreach (DicomDataset item in items)
        {
            if (!SopClassUid.TryParse(item.GetString(DicomTag.ReferencedSOPClassUID), out SopClassUid sopClass)
                || !SopInstanceUid.TryParse(item.GetString(DicomTag.ReferencedSOPInstanceUID), out SopInstanceUid sop))
            {
                return Refuse("An item of (0008,1199) lacks its class or instance UID");
            }

            references.Add(new CommitmentReference(sopClass, sop));
        }

        return new ActionInformation(DimseStatus.Success, null) { TransactionUid = transaction!, References = references };
    }

    private static ActionInformation Refuse(string comment) => Refuse(DimseStatus.InvalidArgument, comment);

    private static ActionInformation TooMany(int maxReferences)
        => Refuse(DimseStatus.ResourceLimitation, $"More than {maxReferences} instances; ask in parts");
}

/// <summary>The numbers of the Storage Commitment Push Model (PS3.4 annex J).</summary>
internal static class StorageCommitment
{
    public const string SopClassUid = "1.2.840.10008.1.20.1";

    /// <summary>The one instance of the class (PS3.4 section J.3.5).</summary>
    public const string SopInstanceUid = "1.2.840.10008.1.20.1.1";

    /// <summary>Request Storage Commitment (PS3.4 table J.3-1).</summary>
    public const ushort RequestAction = 1;

    /// <summary>Storage Commitment Request Successful (PS3.4 table J.3-2).</summary>
    public const ushort SuccessEvent = 1;

    /// <summary>Storage Commitment Request Complete - Failures Exist.</summary>
    public const ushort FailuresEvent = 2;
}

/// <summary>Registers the Storage Commitment Push Model as SCP.</summary>
public static class StorageCommitmentRegistration
{
    /// <summary>Takes requests and reports their results.</summary>
    /// <remarks>
    /// Needs an <see cref="ICommitmentQueue"/>, an <see cref="IManifestQuery"/>, an <see cref="IObjectStore"/>, an
    /// <see cref="IDamagedObjects"/>, <see cref="DimsePeers"/> and an <see cref="AssociationRequestor"/>.
    /// </remarks>
    public static IServiceCollection AddStorageCommitment(this IServiceCollection services)
    {
        services.AddSupervision();
        services.TryAddSingleton<DamageReports>();
        return services
            .AddSingleton<OpenTransactions>()
            .AddSingleton<CommitmentSignal>()
            .AddSingleton<CommitmentChecker>()
            .AddSingleton<CommitmentReporter>()
            .AddSingleton(Offer())
            .AddSingleton<IDimseService>(provider => new StorageCommitmentScp(
                provider.GetRequiredService<ICommitmentQueue>(),
                provider.GetRequiredService<OpenTransactions>(),
                provider.GetRequiredService<CommitmentSignal>(),
                provider.GetRequiredService<IOptions<ProviderOptions>>().Value.Space,
                provider.GetRequiredService<IOptions<CommitmentOptions>>(),
                provider.GetRequiredService<ILogger<StorageCommitmentScp>>()))
            .AddHostedService<CommitmentRunner>();
    }

    /// <summary>Offers the class; requestors are SCU, as is the default.</summary>
    private static SopClassOffer Offer() => new()
    {
        Covers = uid => uid == StorageCommitment.SopClassUid,
        ChooseTransferSyntax = DataSetSyntaxes.Choose,
    };
}
