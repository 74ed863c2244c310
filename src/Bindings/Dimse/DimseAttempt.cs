using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Source;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Bindings.Dimse;

/// <summary>One attempt at one delivery: fetches the instance, finds an association that takes it, and stores it there.</summary>
/// <param name="source">Of the instance.</param>
/// <param name="lease">A place among the associations of the target.</param>
/// <param name="delivery">Of an instance.</param>
/// <param name="watch">Watches how the target takes a data set; it ends with the token.</param>
internal sealed class DimseAttempt(InstanceSource source, AssociationLease lease, Delivery delivery, Func<CancellationToken, PeerWatch> watch)
{
    /// <summary>The source, or the target, does not work at all: trying others now is vain.</summary>
    public bool IsVainForOthers { get; private set; }

    /// <summary>The target stored it with this warning; null when without.</summary>
    public DimseStatus? Warning { get; private set; }

    /// <summary>What became of it. Only a cancellation is thrown, and what nobody foresaw.</summary>
    public async Task<DeliveryResult> RunAsync(CancellationToken cancellationToken)
    {
        if (delivery.Instance is null)
        {
            return DeliveryResult.Permanent("a C-STORE binding delivers instances, and this names none");
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

    /// <summary>The peer seems to have closed an association that nobody used.</summary>
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

            return reader is null ? refusal! : await StoreAsync(association, context, new OutgoingDataSet(reader, plan.BecomesImplicit(context.TransferSyntax)), cancellationToken);
        }
        catch (TargetException exception)
        {
            // A certificate of ours, which every association needs.
            IsVainForOthers = true;
            return DeliveryResult.Retry(exception.Message, isTargetFault: true);
        }
        finally
        {
            reader?.Dispose();
        }
    }

    private async Task<(InstanceReader? Reader, DeliveryResult? Refusal)> OpenAsync(string transferSyntax, CancellationToken cancellationToken)
    {
        SourceAnswer answer = await source.OpenAsync(delivery, transferSyntax, cancellationToken);
        IsVainForOthers = answer.IsDown;
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
            IsVainForOthers = true;
            throw;
        }
    }

    private async Task<DeliveryResult> StoreAsync(Association association, NegotiatedContext context, OutgoingDataSet dataSet, CancellationToken cancellationToken)
    {
        using PeerWatch pace = watch(cancellationToken);
        try
        {
            CStoreResponse response = await StorageScu.StoreAsync(
                association, context, delivery.Instance!.Value.Sop.Value, (target, token) => dataSet.WriteAsync(new WatchedStream(target, pace), token), pace.Token);
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
            // An operation may be open on it, so nobody else may get it.
            await association.DisposeAsync();
            if (dataSet.Fault is { } fault && !cancellationToken.IsCancellationRequested)
            {
                return fault;
            }

            throw;
        }
    }
}
