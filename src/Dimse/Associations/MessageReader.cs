using System.Buffers;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>The pump of an association: assembles command sets, and passes each message on (PS3.7 section 6.3).</summary>
internal sealed partial class MessageReader(Association association, UpperLayerProvider layer, ILogger logger)
{
    private readonly ArrayBufferWriter<byte> _command = new(512);
    private byte _contextId;

    /// <summary>Reads until the connection is closed.</summary>
    /// <param name="layer">The connection, whose association may be opened in the meantime.</param>
    /// <param name="cancellationToken">Not used by the pump, which ends with the connection.</param>
    public static async Task RunAsync(UpperLayerProvider layer, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Fragment fragment = await layer.Values.ReadAsync(isPump: true, cancellationToken).ConfigureAwait(false);
                if (fragment.IsEnd)
                {
                    return;
                }

                if (!layer.IsOver && layer.Association is { } association)
                {
                    await association.Reader.PassOnAsync(fragment, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception exception)
        {
            layer.Association?.Reader.LogFailed(exception);
            layer.Break(
                new AssociationException(AssociationFault.Ended, "The association was aborted by a fault on this side.", exception));
        }
        finally
        {
            await layer.CompleteAsync(CancellationToken.None).ConfigureAwait(false);
            layer.Association?.Close();
        }
    }

    private async ValueTask PassOnAsync(Fragment fragment, CancellationToken cancellationToken)
    {
        try
        {
            await TakeAsync(fragment, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (layer.IsOver)
        {
            // The end of the association is known; the rest of the peer's bytes is read until it closes.
        }
    }

    private async ValueTask TakeAsync(Fragment fragment, CancellationToken cancellationToken)
    {
        bool isFirst = !layer.Input.IsWithin;
        if (!fragment.IsCommand || (!isFirst && fragment.ContextId != _contextId))
        {
            await layer.InvalidAsync(
                AbortReason.UnexpectedParameter,
                "The peer sent a data set without its command, or mixed two messages.",
                cancellationToken).ConfigureAwait(false);
            return;
        }

        if (isFirst)
        {
            _contextId = fragment.ContextId;
            layer.Input.IsWithin = true;
            association.Work.Enter();
        }

        if (_command.WrittenCount + fragment.Bytes.Length > CommandSet.MaxLength)
        {
            await layer.InvalidAsync(
                AbortReason.InvalidParameterValue,
                $"The peer sent a command set of more than {CommandSet.MaxLength} bytes.",
                cancellationToken).ConfigureAwait(false);
            return;
        }

        foreach (ReadOnlyMemory<byte> segment in fragment.Bytes)
        {
            _command.Write(segment.Span);
        }

        if (fragment.IsLast)
        {
            layer.Input.BeginPart();
            await TakeCommandAsync(cancellationToken).ConfigureAwait(false);
            _command.ResetWrittenCount();
            layer.Input.IsWithin = false;
            layer.Input.BeginPart();
            association.Work.Exit();
        }
    }

    private async ValueTask TakeCommandAsync(CancellationToken cancellationToken)
    {
        if (association.Find(_contextId) is not { } context)
        {
            await layer.InvalidAsync(
                AbortReason.InvalidParameterValue,
                "The peer sent a message on a presentation context that was not agreed on.",
                cancellationToken).ConfigureAwait(false);
            return;
        }

        DimseCommand command;
        bool hasDataSet;
        try
        {
            (command, hasDataSet) = CommandSet.Read(_command.WrittenSpan);
        }
        catch (PduException exception)
        {
            await layer.InvalidAsync(exception.Reason, exception.Message, cancellationToken).ConfigureAwait(false);
            return;
        }

        switch (command)
        {
            case DimseRequest request:
                await association.Incoming.TakeAsync(context, request, hasDataSet, cancellationToken).ConfigureAwait(false);
                break;
            case DimseResponse response:
                await TakeResponseAsync(context, response, hasDataSet, cancellationToken).ConfigureAwait(false);
                break;
            case CCancelRequest cancel:
                association.Incoming.Cancel(cancel.RespondsTo);
                await SkipAsync(hasDataSet, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private async ValueTask TakeResponseAsync(
        NegotiatedContext context, DimseResponse response, bool hasDataSet, CancellationToken cancellationToken)
    {
        if (association.Outgoing.Find(response.RespondsTo, context.Id) is not { } operation)
        {
            LogUnknownResponse(association.CalledAeTitle.Value, response.Field);
            await SkipAsync(hasDataSet, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (!operation.IsAnsweredBy(response))
        {
            await layer.InvalidAsync(
                AbortReason.InvalidParameterValue,
                $"The peer sent a {response.Field} of status {response.Status} to a request that has no such response.",
                cancellationToken).ConfigureAwait(false);
            return;
        }

        byte[]? dataSet = hasDataSet ? await NewDataSet().ReadAllAsync(cancellationToken).ConfigureAwait(false) : [];
        if (dataSet is null)
        {
            await layer.InvalidAsync(
                AbortReason.InvalidParameterValue,
                $"The peer sent a response of more than {association.Options.MaxIdentifierLength} bytes.",
                cancellationToken).ConfigureAwait(false);
            return;
        }

        await operation.TakeAsync(new DimseReply(response, dataSet), cancellationToken).ConfigureAwait(false);
        if (!response.Status.IsPending)
        {
            association.Outgoing.Close(operation);
        }
    }

    private ValueTask SkipAsync(bool hasDataSet, CancellationToken cancellationToken)
        => hasDataSet ? NewDataSet().SkipAsync(cancellationToken) : default;

    private IncomingDataSet NewDataSet() => new(layer, _contextId, association.Options.MaxIdentifierLength);

    private readonly ILogger _logger = logger;

    [LoggerMessage(1010, LogLevel.Error, "Reading from an association failed")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(1011, LogLevel.Information, "{CalledAeTitle} sent {Command} without a request; it is ignored")]
    private partial void LogUnknownResponse(string calledAeTitle, CommandField command);
}
