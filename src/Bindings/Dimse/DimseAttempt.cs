using System.Buffers;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Source;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Dimse;

/// <summary>One attempt at one delivery: fetches the instance, finds an association that takes it, and stores it there.</summary>
/// <param name="source">Fetches the instance.</param>
/// <param name="lease">A place among the associations of the target.</param>
/// <param name="delivery">The delivery of an instance.</param>
/// <param name="watch">Creates the watch over how fast the target takes a data set; the watch ends with its token.</param>
internal sealed class DimseAttempt(
    InstanceSource source, AssociationLease lease, Delivery delivery, Func<CancellationToken, PeerWatch> watch)
{
    /// <summary>The source or the target does not work at all: other deliveries would fail too.</summary>
    public bool FailsForOthersToo { get; private set; }

    /// <summary>The warning with which the target stored the instance; null without one.</summary>
    public DimseStatus? Warning { get; private set; }

    /// <summary>Performs the attempt and returns its result. Throws only on cancellation and on unforeseen faults.</summary>
    public async Task<DeliveryResult> RunAsync(CancellationToken cancellationToken)
    {
        if (delivery.Instance is null)
        {
            return DeliveryResult.Permanent("a C-STORE binding delivers instances, and this delivery names none");
        }

        try
        {
            return await RunAsync(mustBeNew: false, cancellationToken);
        }
        catch (AssociationException exception) when (!lease.IsReused || !DimseVerdict.MayBeStale(exception))
        {
            return DimseVerdict.Of(exception);
        }
        catch (AssociationException)
        {
            return await RunAgainAsync(cancellationToken);
        }
    }

    /// <summary>Tries again on a new association, because the peer seems to have closed the idle one.</summary>
    private async Task<DeliveryResult> RunAgainAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(mustBeNew: true, cancellationToken);
        }
        catch (AssociationException exception)
        {
            return DimseVerdict.Of(exception);
        }
    }

    private async Task<DeliveryResult> RunAsync(bool mustBeNew, CancellationToken cancellationToken)
    {
        (InstanceReader? reader, DeliveryResult? refusal) = await OpenAsync(InstanceSource.AsStored, cancellationToken);
        try
        {
            if (reader is null)
            {
                return refusal!;
            }

            if (reader.SopClassUid is not { } sopClassUid)
            {
                return DeliveryResult.Permanent("the instance names no SOP class, which C-STORE needs");
            }

            SyntaxPlan plan = new(sopClassUid, reader.TransferSyntax, reader.IsIrregular);
            Association association = await AssociateAsync(plan, mustBeNew, cancellationToken);
            if (plan.Choose(association) is not { } context)
            {
                return DimseVerdict.NotTaken(sopClassUid, plan.Stored.Uid, plan.Stored.IsNative);
            }

            if (plan.SourceSyntax(context.TransferSyntax) is not InstanceSource.AsStored and { } syntax)
            {
                reader.Dispose();
                (reader, refusal) = await OpenAsync(syntax, cancellationToken);
            }

            return reader is null ? refusal! : await StoreAsync(
                association, context, new OutgoingDataSet(reader, plan.BecomesImplicit(context.TransferSyntax)), cancellationToken);
        }
        catch (TargetException exception)
        {
            // The certificate is ours, and every association needs it.
            FailsForOthersToo = true;
            return DeliveryResult.Retry(exception.Message, isTargetFault: true);
        }
        finally
        {
            reader?.Dispose();
        }
    }

    private async Task<(InstanceReader? Reader, DeliveryResult? Refusal)> OpenAsync(
        string transferSyntax, CancellationToken cancellationToken)
    {
        SourceAnswer answer = await source.OpenAsync(delivery, transferSyntax, cancellationToken);
        FailsForOthersToo = answer.IsDown;
        if (answer.Instance is not { } instance)
        {
            return (null, answer.Result);
        }

        try
        {
            return (await InstanceReader.OpenAsync(instance, cancellationToken), null);
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            return (null, InstanceSource.BrokenOff(exception));
        }
        catch (DicomParseException exception)
        {
            return (null, DeliveryResult.Permanent($"what is stored is no Part 10 file ({exception.Error})"));
        }
    }

    private async Task<Association> AssociateAsync(SyntaxPlan plan, bool mustBeNew, CancellationToken cancellationToken)
    {
        try
        {
            return await lease.OpenAsync(plan.Needs, mustBeNew, cancellationToken);
        }
        catch (AssociationException)
        {
            FailsForOthersToo = true;
            throw;
        }
    }

    private async Task<DeliveryResult> StoreAsync(
        Association association, NegotiatedContext context, OutgoingDataSet dataSet, CancellationToken cancellationToken)
    {
        using PeerWatch pace = watch(cancellationToken);
        try
        {
            CStoreResponse response = await StorageScu.StoreAsync(
                association, context, delivery.Instance!.Value.Sop.Value,
                (target, token) => dataSet.WriteAsync(new WatchedStream(target, pace), token), pace.Token);
            Warning = response.Status.IsWarning ? response.Status : null;
            return DimseVerdict.Of(response.Status, delivery);
        }
        catch (AssociationException exception) when (exception.Fault == AssociationFault.AbortedByPeer && dataSet.IsOdd && !lease.IsReused)
        {
            await association.DisposeAsync();
            return DimseVerdict.OddLength;
        }
        catch (Exception exception) when (pace.HasExpired && !cancellationToken.IsCancellationRequested)
        {
            await association.DisposeAsync();
            throw new AssociationException(AssociationFault.TimedOut, pace.Expired(exception).Message, exception);
        }
        catch
        {
            // An operation may still be open on the association, so no other delivery may get it.
            await association.DisposeAsync();
            if (dataSet.Fault is { } fault && !cancellationToken.IsCancellationRequested)
            {
                return fault;
            }

            throw;
        }
    }
}

/// <summary>The transfer syntaxes in which an instance can be sent, and the choice among those that the target accepts.</summary>
/// <param name="SopClassUid">Fetches the instance.</param>
/// <param name="Stored">The transfer syntax in which the instance is stored.</param>
/// <param name="IsIrregular">The stored bytes do not follow their transfer syntax: the source has to re-encode them.</param>
internal sealed record SyntaxPlan(string SopClassUid, TransferSyntax Stored, bool IsIrregular = false)
{
    private static readonly string ExplicitUid = TransferSyntax.ExplicitVRLittleEndian.Uid;
    private static readonly string ImplicitUid = TransferSyntax.ImplicitVRLittleEndian.Uid;

    /// <summary>The best first.</summary>
    public IReadOnlyList<ContextNeed> Needs
        => [.. StorageContexts.Syntaxes(Stored.Uid, IsIrregular).Select(syntax => new ContextNeed(SopClassUid, syntax))];

    /// <summary>Returns the best context that the target accepted; null if there is none.</summary>
    public NegotiatedContext? Choose(Association association)
        => StorageContexts.Choose(association.Contexts, SopClassUid, Stored.Uid, IsIrregular);

    /// <summary>Returns the transfer syntax to request from the source, so that the instance can be sent in the given one.</summary>
    public string SourceSyntax(string transferSyntaxUid)
        => IsIrregular ? BecomesImplicit(transferSyntaxUid) ? ExplicitUid : transferSyntaxUid
            : transferSyntaxUid == Stored.Uid || (BecomesImplicit(transferSyntaxUid) && Stored.Uid == ExplicitUid) ? InstanceSource.AsStored
            : ExplicitUid;

    /// <summary>Returns whether the bytes of the source are rewritten on the way.</summary>
    public bool BecomesImplicit(string transferSyntaxUid) => transferSyntaxUid == ImplicitUid && (IsIrregular || Stored.Uid != ImplicitUid);
}

/// <summary>Passes on the data set of an instance, as it comes or in implicit VR, and remembers whether the source failed.</summary>
/// <param name="reader">The instance; in Explicit VR Little Endian if it is to be rewritten.</param>
/// <param name="becomesImplicit">Rewrites the data set to Implicit VR Little Endian.</param>
internal sealed class OutgoingDataSet(InstanceReader reader, bool becomesImplicit)
{
    /// <summary>Why the source or the stored data set, and not the target, failed; null if neither did.</summary>
    public DeliveryResult? Fault { get; private set; }

    /// <summary>The data set has an odd number of bytes.</summary>
    public bool IsOdd => reader.IsOdd;

    public async Task WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        ImplicitVRRewriter? rewriter = becomesImplicit ? new ImplicitVRRewriter() : null;
        ArrayBufferWriter<byte> rewritten = new();
        while (await ReadAsync(cancellationToken) is { IsEmpty: false } bytes)
        {
            if (rewriter is not null)
            {
                Rewrite(() => rewriter.Rewrite(bytes.Span, rewritten));
                bytes = rewritten.WrittenMemory;
            }

            await target.WriteAsync(bytes, cancellationToken);
            rewritten.ResetWrittenCount();
        }

        if (rewriter is not null)
        {
            Rewrite(() => rewriter.Complete(rewritten));
            await target.WriteAsync(rewritten.WrittenMemory, cancellationToken);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            Fault = InstanceSource.BrokenOff(exception);
            throw;
        }
    }

    private void Rewrite(Action step)
    {
        try
        {
            step();
        }
        catch (DicomParseException exception)
        {
            Fault = DeliveryResult.Permanent(
                $"the target takes only Implicit VR Little Endian, and the stored data set cannot be written in it ({exception.Error})");
            throw;
        }
    }
}
