using ImagingIngestion.Dimse.Messages;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>The operations that the peer invokes: the agreed number of them runs at once.</summary>
/// <remarks>Further ones wait, which stops reading if one of them has a data set. While the association is drained none begins.</remarks>
internal sealed partial class IncomingOperations(
    Association association, UpperLayerProvider layer, IReadOnlyList<IDimseService> services, int limit, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ushort, IncomingOperation> _open = [];
    private readonly Queue<(IncomingOperation Operation, IDimseService Service)> _waiting = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _room;
    private int _limit = limit;
    private int _running;
    private bool _isOver;
    private long _performed;

    /// <summary>The number of operations begun.</summary>
    public long Performed => Interlocked.Read(ref _performed);

    /// <summary>Takes a request; completes when the next message can be read.</summary>
    public async ValueTask TakeAsync(NegotiatedContext context, DimseRequest request, bool hasDataSet, CancellationToken cancellationToken)
    {
        IncomingDataSet? dataSet = hasDataSet ? new IncomingDataSet(layer, context.Id, association.Options.MaxIdentifierLength) : null;
        IDimseService? service = Choose(context, request, out DimseStatus refusal);
        if (service is null)
        {
            await RefuseAsync(context, request, dataSet, refusal, cancellationToken).ConfigureAwait(false);
            return;
        }

        Task room = AdmitAsync(new IncomingOperation(this, association, context, request, dataSet), service, cancellationToken);
        if (dataSet is not null)
        {
            await dataSet.WhenDoneAsync(cancellationToken).ConfigureAwait(false);
            await dataSet.SkipAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await room.ConfigureAwait(false);
        }
    }

    /// <summary>Handles a C-CANCEL-RQ; one that comes too late is ignored.</summary>
    public void Cancel(ushort messageId)
    {
        IncomingOperation? operation;
        lock (_gate)
        {
            operation = _open.GetValueOrDefault(messageId);
        }

        operation?.Cancel();
    }

    /// <summary>Frees the message ID of an operation whose final response is being sent.</summary>
    public void Forget(IncomingOperation operation)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(operation.Request.MessageId, out IncomingOperation? found) && found == operation)
            {
                _open.Remove(operation.Request.MessageId);
            }
        }
    }

    /// <summary>Begins no more operations, and waits for the running ones.</summary>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _limit = 0;
            if (_running == 0)
            {
                _drained.TrySetResult();
            }
        }

        return _drained.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Drops the waiting operations, because the association is over.</summary>
    public void End()
    {
        (IncomingOperation Operation, IDimseService)[] dropped;
        lock (_gate)
        {
            _isOver = true;
            dropped = [.. _waiting];
            _waiting.Clear();
            _drained.TrySetResult();
            _room?.TrySetResult();
            _room = null;
        }

        foreach ((IncomingOperation operation, _) in dropped)
        {
            operation.DataSet?.Abandon();
            association.Work.Exit();
        }
    }

    private IDimseService? Choose(NegotiatedContext context, DimseRequest request, out DimseStatus refusal)
    {
        bool isDuplicate;
        lock (_gate)
        {
            isDuplicate = _open.ContainsKey(request.MessageId);
        }

        bool isAllowed = request is NEventReportRequest ? context.IsScu : context.IsScp;
        refusal = isDuplicate ? DimseStatus.DuplicateInvocation
            : request is OtherRequest ? DimseStatus.UnrecognizedOperation
            : DimseStatus.SopClassNotSupported;
        return isDuplicate || !isAllowed ? null : services.FirstOrDefault(service => service.Performs(request));
    }

    private async ValueTask RefuseAsync(
        NegotiatedContext context, DimseRequest request, IncomingDataSet? dataSet, DimseStatus status, CancellationToken cancellationToken)
    {
        LogRefused(association.CallingAeTitle.Value, request.Field, status.Code);
        if (dataSet is not null)
        {
            await dataSet.SkipAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!layer.IsOver)
        {
            await association.Sender.SendAsync(
                context.Id,
                Responses.To(request, status) with { RespondsTo = request.MessageId },
                null,
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Begins the operation, or queues it; the task completes when another one may be read.</summary>
    private Task AdmitAsync(IncomingOperation operation, IDimseService service, CancellationToken cancellationToken)
    {
        association.Work.Enter();
        lock (_gate)
        {
            if (!_isOver)
            {
                _open[operation.Request.MessageId] = operation;
                _waiting.Enqueue((operation, service));
                BeginWaiting();
                if (_waiting.Count <= 1)
                {
                    return Task.CompletedTask;
                }

                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return _room.Task.WaitAsync(cancellationToken);
            }
        }

        operation.DataSet?.Abandon();
        association.Work.Exit();
        return Task.CompletedTask;
    }

    /// <summary>Begins waiting operations; called under the lock.</summary>
    private void BeginWaiting()
    {
        while (_running < _limit && _waiting.TryDequeue(out (IncomingOperation Operation, IDimseService Service) next))
        {
            _running++;
            Interlocked.Increment(ref _performed);
            _ = Task.Run(() => PerformAsync(next.Operation, next.Service, association.Ended), CancellationToken.None);
        }

        if (_waiting.Count <= 1)
        {
            _room?.TrySetResult();
            _room = null;
        }
    }

    private async Task PerformAsync(IncomingOperation operation, IDimseService service, CancellationToken cancellationToken)
    {
        try
        {
            await service.PerformAsync(operation, cancellationToken).ConfigureAwait(false);
            if (!operation.IsFinished && !layer.IsOver)
            {
                LogNoResponse(association.CallingAeTitle.Value, operation.Request.Field);
                await FailAsync(operation, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (layer.IsOver && exception is OperationCanceledException or AssociationException)
        {
            LogCutOff(association.CallingAeTitle.Value, operation.Request.Field);
        }
        catch (Exception exception)
        {
            LogFailed(exception, association.CallingAeTitle.Value, operation.Request.Field);
            await FailAsync(operation, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            operation.DataSet?.Abandon();
            Forget(operation);
            Leave();
        }
    }

    private async Task FailAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        if (operation.IsFinished || layer.IsOver)
        {
            return;
        }

        try
        {
            await operation.RespondAsync(Responses.To(operation.Request, DimseStatus.ProcessingFailure), null, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            LogCutOff(association.CallingAeTitle.Value, operation.Request.Field);
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _running--;
            BeginWaiting();
            if (_limit == 0 && _running == 0)
            {
                _drained.TrySetResult();
            }
        }

        association.Work.Exit();
    }

    private readonly ILogger _logger = logger;

    [LoggerMessage(1020, LogLevel.Information, "Refused {Command} of {CallingAeTitle} with status {Status:X4}")]
    private partial void LogRefused(string callingAeTitle, CommandField command, ushort status);

    [LoggerMessage(1021, LogLevel.Error, "{Command} of {CallingAeTitle} failed")]
    private partial void LogFailed(Exception exception, string callingAeTitle, CommandField command);

    [LoggerMessage(1022, LogLevel.Error, "{Command} of {CallingAeTitle} ended without a final response")]
    private partial void LogNoResponse(string callingAeTitle, CommandField command);

    [LoggerMessage(1023, LogLevel.Debug, "{Command} of {CallingAeTitle} was cut off by the end of the association")]
    private partial void LogCutOff(string callingAeTitle, CommandField command);
}

/// <summary>Makes responses with nothing but a status.</summary>
internal static class Responses
{
    public static DimseResponse To(DimseRequest request, DimseStatus status)
    {
        string? sopClass = request.SopClassUid.Length > 0 ? request.SopClassUid : null;
        return request switch
        {
            CEchoRequest => new CEchoResponse { Status = status, SopClassUid = sopClass },
            CStoreRequest store => new CStoreResponse { Status = status, SopClassUid = sopClass, SopInstanceUid = store.SopInstanceUid },
            CFindRequest => new CFindResponse { Status = status, SopClassUid = sopClass },
            CGetRequest => new CGetResponse { Status = status, SopClassUid = sopClass },
            CMoveRequest => new CMoveResponse { Status = status, SopClassUid = sopClass },
            NActionRequest action => new NActionResponse
            {
                Status = status,
                SopClassUid = sopClass,
                SopInstanceUid = action.SopInstanceUid,
                ActionTypeId = action.ActionTypeId
            },
            NEventReportRequest report => new NEventReportResponse
            {
                Status = status,
                SopClassUid = sopClass,
                SopInstanceUid = report.SopInstanceUid,
                EventTypeId = report.EventTypeId
            },
            _ => new OtherResponse(request.Field.ResponseField()) { Status = status, SopClassUid = sopClass },
        };
    }
}
