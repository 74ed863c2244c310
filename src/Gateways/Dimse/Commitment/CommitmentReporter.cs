using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>Reports the result to the requestor (N-EVENT-REPORT).</summary>
/// <remarks>
/// The report uses the association of its request while that is open, else an association of our own (PS3.4 section J.3.3).
/// </remarks>
internal sealed class CommitmentReporter(
    OpenTransactions open, DimsePeers peers, AssociationRequestor requestor, IOptions<CommitmentOptions> options, TimeProvider time)
{
    private readonly CommitmentOptions _options = options.Value;

    /// <summary>When peers were last unreachable: many requests of such a peer must not delay the reports of others.</summary>
    private readonly ConcurrentDictionary<AeTitle, long> _notReached = new();

    /// <summary>Sends a report. Never throws because of a peer.</summary>
    /// <exception cref="OperationCanceledException">The time is over.</exception>
    public async Task<ReportOutcome> ReportAsync(CommitmentRequest request, CommitmentResult result, CancellationToken cancellationToken)
    {
        if (open.TryTake(request, out Association? association, out NegotiatedContext? context)
            && (await TryOnAsync(association, context, request, result, cancellationToken)).IsReported)
        {
            return ReportOutcome.Reported;
        }

        if (!AeTitle.TryParse(request.CalledAeTitle, out AeTitle own) || peers.Find(request.CallingAeTitle) is not { } peer)
        {
            return new ReportOutcome("its address is not known; add the AE title to the peers (Dimse:Peers)");
        }

        if (_notReached.TryGetValue(peer.AeTitle, out long since) && time.GetElapsedTime(since) < _options.RetryDelay / 2)
        {
            return new ReportOutcome("it was not reached a moment ago");
        }

        try
        {
            await using Association reverse = await requestor.RequestAsync(peer, Offer(own, peer), cancellationToken);
            _notReached.TryRemove(peer.AeTitle, out _);
            return await OnReverseAsync(reverse, request, result, cancellationToken);
        }
        catch (AssociationException error)
        {
            if (error.Fault is AssociationFault.NotConnected or AssociationFault.TimedOut)
            {
                _notReached[peer.AeTitle] = time.GetTimestamp();
            }

            return new ReportOutcome(error.Message);
        }
    }

    private static AssociationRequest Offer(AeTitle own, DimsePeer peer) => new()
    {
        CallingAeTitle = own,
        CalledAeTitle = peer.AeTitle,
        PresentationContexts = [.. DataSetSyntaxes.All.Select(
            (syntax, index) => new ProposedContext((byte)((2 * index) + 1), StorageCommitment.SopClassUid, [syntax]))],
        Roles = [new RoleSelection(StorageCommitment.SopClassUid, IsScu: false, IsScp: true)],
    };

    private async Task<ReportOutcome> OnReverseAsync(
        Association association, CommitmentRequest request, CommitmentResult result, CancellationToken cancellationToken)
    {
        NegotiatedContext? context = association.Contexts.FirstOrDefault(context => context.IsScp);
        if (context is null)
        {
            return new ReportOutcome(association.Contexts.Count == 0
                ? "it accepts no presentation context of storage commitment"
                : "it does not grant us the SCP role of storage commitment (PS3.7 section D.3.3.4)");
        }

        ReportOutcome outcome = await TryOnAsync(association, context, request, result, cancellationToken);
        try
        {
            await (outcome.IsReported ? association.ReleaseAsync(cancellationToken) : Task.CompletedTask);
        }
        catch (AssociationException)
        {
            // The answer has arrived; how the association ends changes nothing.
        }

        return outcome;
    }

    /// <summary>
    /// Sends a report with a timeout: a requestor that keeps its association open without answering must not block the report.
    /// </summary>
    private async Task<ReportOutcome> TryOnAsync(
        Association association, NegotiatedContext context, CommitmentRequest request, CommitmentResult result,
        CancellationToken cancellationToken)
    {
        using Deadline deadline = new(_options.AnswerTimeout, time, cancellationToken);
        try
        {
            return await SendAsync(association, context, request, result, deadline.Token);
        }
        catch (AssociationException error)
        {
            return new ReportOutcome(error.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ReportOutcome($"it does not answer the report within {_options.AnswerTimeout.TotalSeconds} s "
                + $"({CommitmentOptions.Section[nameof(CommitmentOptions.AnswerTimeout)].Key})");
        }
    }

    private static async Task<ReportOutcome> SendAsync(
        Association association, NegotiatedContext context, CommitmentRequest request, CommitmentResult result,
        CancellationToken cancellationToken)
    {
        NEventReportRequest report = new()
        {
            SopClassUid = StorageCommitment.SopClassUid,
            SopInstanceUid = StorageCommitment.SopInstanceUid,
            EventTypeId = result.EventTypeId,
        };
        DicomDataset information = EventInformation.Of(request, result);
        TransferSyntax syntax = TransferSyntax.FromUid(context.TransferSyntax);
        OutgoingOperation operation = await association.InvokeAsync(
            context,
            report,
            (target, token) => new DataSetWriter(target, NoBulkAsync, syntax).WriteAsync(information, token),
            cancellationToken);
        DimseStatus status = (await operation.ReadAsync(cancellationToken)).Response.Status;
        return status.IsSuccess || status.IsWarning ? ReportOutcome.Reported : new ReportOutcome($"it answers the report with {status}");
    }

    private static Task NoBulkAsync(DicomElement element, Stream target, CancellationToken cancellationToken)
        => throw new InvalidOperationException("Event information has no bulk values.");
}

/// <summary>The outcome of a report.</summary>
/// <param name="Fault">Why it did not arrive, fit for logs; null if the peer took it.</param>
internal readonly record struct ReportOutcome(string? Fault)
{
    public static ReportOutcome Reported => default;

    public bool IsReported => Fault is null;
}

/// <summary>The result for the references of a request, in their order.</summary>
internal sealed record CommitmentResult(IReadOnlyList<CommitmentReference> Committed, IReadOnlyList<CommitmentFailure> Failed)
{
    /// <summary>The event type of the report.</summary>
    public ushort EventTypeId => Failed.Count == 0 ? StorageCommitment.SuccessEvent : StorageCommitment.FailuresEvent;

    /// <summary>Some were not found; they may still arrive.</summary>
    public bool IsAnyMissing => Failed.Any(failure => failure.Reason == CommitmentFailureReason.NoSuchObjectInstance);
}

/// <summary>Builds the data set of the N-EVENT-REPORT of storage commitment (PS3.4 table J.3-2).</summary>
internal static class EventInformation
{
    public static DicomDataset Of(CommitmentRequest request, CommitmentResult result)
    {
        DicomDataset information = new();
        information.Set(Text(DicomTag.RetrieveAETitle, DicomVR.AE, request.CalledAeTitle));
        information.Set(Text(DicomTag.TransactionUID, DicomVR.UI, request.TransactionUid));
        if (result.Failed.Count > 0)
        {
            information.Set(new DicomElement(DicomTag.FailedSOPSequence, [.. result.Failed.Select(failure => Item(information, failure))]));
        }

        if (result.Committed.Count > 0)
        {
            information.Set(
                new DicomElement(DicomTag.ReferencedSOPSequence, [.. result.Committed.Select(reference => Item(information, reference))]));
        }

        return information;
    }

    private static DicomDataset Item(DicomDataset parent, CommitmentReference reference)
    {
        DicomDataset item = new(parent);
        item.Set(Text(DicomTag.ReferencedSOPClassUID, DicomVR.UI, reference.SopClass.Value));
        item.Set(Text(DicomTag.ReferencedSOPInstanceUID, DicomVR.UI, reference.Sop.Value));
        return item;
    }

    private static DicomDataset Item(DicomDataset parent, CommitmentFailure failure)
    {
        byte[] reason = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(reason, (ushort)failure.Reason);
        DicomDataset item = Item(parent, failure.Reference);
        item.Set(new DicomElement(DicomTag.FailureReason, DicomVR.US, reason));
        return item;
    }

    private static DicomElement Text(DicomTag tag, DicomVR vr, string value) => new(tag, vr, Encoding.ASCII.GetBytes(value));
}

/// <summary>The open associations on which transactions were requested: a report may use them (PS3.4 section J.3.3).</summary>
/// <remarks>A title alone does not identify a device, so a report never uses another association with the same title.</remarks>
internal sealed class OpenTransactions
{
    private readonly ConcurrentDictionary<(string AeTitle, string TransactionUid), Entry> _open = new();

    public void Add(CommitmentRequest request, Association association, NegotiatedContext context)
    {
        (string, string) key = (request.CallingAeTitle, request.TransactionUid);
        Entry entry = new(association, context);
        _open[key] = entry;
        entry.Ending = association.Ended.Register(() => _open.TryRemove(KeyValuePair.Create(key, entry)));
    }

    /// <summary>Hands out the association once; returns false if it has ended, or the request came before a restart.</summary>
    public bool TryTake(
        CommitmentRequest request, [NotNullWhen(true)] out Association? association, [NotNullWhen(true)] out NegotiatedContext? context)
    {
        bool isKnown = _open.TryRemove((request.CallingAeTitle, request.TransactionUid), out Entry? entry);
        entry?.Ending.Unregister();
        association = entry?.Association;
        context = entry?.Context;
        return isKnown && association!.IsOpen;
    }

    private sealed class Entry(Association association, NegotiatedContext context)
    {
        public Association Association { get; } = association;

        public NegotiatedContext Context { get; } = context;

        public CancellationTokenRegistration Ending { get; set; }
    }
}
