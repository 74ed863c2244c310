using System.Net;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.UpperLayer;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>An association (PS3.8) and the operations on it (PS3.7), of either side.</summary>
/// <remarks>
/// Both sides may invoke and perform. Operations that the peer invokes go to the services with which the association was opened.
/// </remarks>
public sealed partial class Association : IAsyncDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly NegotiatedContext?[] _byId = new NegotiatedContext?[256];
    private readonly AssociationSetup _setup;
    private readonly UpperLayerProvider _layer;
    private readonly Alarm _release;
    private readonly long _since;
    private int _isReleasing;
    private int _hasEnded;

    internal Association(AssociationSetup setup)
    {
        _setup = setup;
        _layer = setup.Layer;
        _since = setup.Time.GetTimestamp();
        foreach (NegotiatedContext context in setup.Contexts)
        {
            _byId[context.Id] = context;
        }

        int longest = setup.Peer.MaximumLength == 0
            ? setup.Options.MaximumSendLength
            : (int)Math.Min(setup.Peer.MaximumLength, (uint)setup.Options.MaximumSendLength);
        Sender = new MessageSender(_layer, longest);
        Work = new OpenWork(setup.Options.IdleTimeout, setup.Time, OnIdle);
        Outgoing = new OutgoingOperations(this, setup.MaxOperationsInvoked, setup.Time);
        Incoming = new IncomingOperations(this, _layer, setup.Services, setup.MaxOperationsPerformed, setup.Logger);
        Reader = new MessageReader(this, _layer, setup.Logger);
        _release = new Alarm(setup.Time, () => Abort(new AssociationException(
            AssociationFault.TimedOut, $"The peer did not answer the release within {setup.Options.AssociationTimeout}.")));
    }

    /// <summary>The title of the requestor.</summary>
    public AeTitle CallingAeTitle => _setup.CallingAeTitle;

    /// <summary>The title of the acceptor.</summary>
    public AeTitle CalledAeTitle => _setup.CalledAeTitle;

    /// <summary>This side requested the association.</summary>
    public bool IsRequestor => _setup.IsRequestor;

    /// <summary>The contexts that were accepted.</summary>
    public IReadOnlyList<NegotiatedContext> Contexts => _setup.Contexts;

    /// <summary>The peer's part of the negotiation, from its request or accept.</summary>
    public UserInformation Peer => _setup.Peer;

    /// <summary>How many operations this side may have open at once.</summary>
    public int MaxOperationsInvoked => _setup.MaxOperationsInvoked;

    /// <summary>Null if the pipe is not a network connection.</summary>
    public EndPoint? RemoteEndPoint => _layer.Transport.RemoteEndPoint;

    /// <summary>False after it was released, aborted or lost.</summary>
    public bool IsOpen => !_layer.IsOver;

    /// <summary>Cancelled when the association ends, for any reason.</summary>
    public CancellationToken Ended => _ended.Token;

    internal AssociationOptions Options => _setup.Options;

    internal PeerPace Pace => _layer.Pace;

    internal MessageSender Sender { get; }

    internal MessageReader Reader { get; }

    internal IncomingOperations Incoming { get; }

    internal OutgoingOperations Outgoing { get; }

    internal OpenWork Work { get; }

    /// <summary>Sends a request; waits while the peer's maximum number of operations is open.</summary>
    /// <param name="context">The context, on which this side is SCU.</param>
    /// <param name="request">Its Message ID is set here.</param>
    /// <param name="dataSet">
    /// Writes the data set in the transfer syntax of the context; its exception aborts the association. Null for none.
    /// </param>
    /// <param name="cancellationToken">Cancels, which aborts the association if bytes were already sent.</param>
    /// <exception cref="AssociationException">The association is gone.</exception>
    public async Task<OutgoingOperation> InvokeAsync(
        NegotiatedContext context,
        DimseRequest request,
        Func<Stream, CancellationToken, Task>? dataSet,
        CancellationToken cancellationToken)
    {
        if (!(request is NEventReportRequest ? context.IsScp : context.IsScu))
        {
            throw new ArgumentException($"This side may not send {request.Field} on a presentation context of {context.AbstractSyntax}: "
                + "the other role was agreed on.", nameof(context));
        }

        ThrowIfNotUsable();
        OutgoingOperation operation = await Outgoing.OpenAsync(context.Id, request.Field, cancellationToken).ConfigureAwait(false);
        try
        {
            ThrowIfNotUsable();
            DimseRequest numbered = request with { MessageId = operation.MessageId };
            if (dataSet is null)
            {
                await Sender.SendAsync(context.Id, numbered, null, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await Sender.SendWrittenAsync(context.Id, numbered, dataSet, cancellationToken).ConfigureAwait(false);
            }

            operation.StartWaiting();
            return operation;
        }
        catch
        {
            Outgoing.Close(operation);
            throw;
        }
    }

    /// <summary>Releases in order: waits for the operations that are open, then for the peer.</summary>
    /// <exception cref="AssociationException">It ended in another way.</exception>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isReleasing, 1) == 0)
        {
            await Work.WhenNoneAsync(cancellationToken).ConfigureAwait(false);
            _release.Set(Options.AssociationTimeout);
            await _layer.HappenAsync(UpperLayerEvent.Evt11ReleaseRequestPrimitive, null, CancellationToken.None).ConfigureAwait(false);
        }

        await _finished.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_layer.Failure is not null)
        {
            throw _layer.EndedException();
        }
    }

    /// <summary>Aborts; does nothing if it has ended.</summary>
    public async Task AbortAsync(CancellationToken cancellationToken)
    {
        if (IsOpen)
        {
            Abort(new AssociationException(AssociationFault.Ended, "The association was aborted by this side."));
        }

        await _finished.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Aborts if it is still open.</summary>
    public async ValueTask DisposeAsync() => await AbortAsync(CancellationToken.None).ConfigureAwait(false);

    /// <summary>Returns the exception for operations after the end.</summary>
    internal AssociationException EndedException() => _layer.EndedException();

    internal void Abort(AssociationException reason) => _layer.Abort(reason);

    internal NegotiatedContext? Find(byte contextId) => _byId[contextId];

    /// <summary>Lets the operations that the peer has open finish, then aborts (the service provider goes away).</summary>
    internal async Task DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Incoming.DrainAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _layer.Abort(
                new AssociationException(AssociationFault.Ended, "This side shuts down."), AbortPdu.ByProvider(AbortReason.NotSpecified));
        }
    }

    /// <summary>Handles an A-RELEASE indication: ends outgoing operations and answers after the running incoming ones.</summary>
    /// <remarks>The peer has no operations of its own open and accepts no responses to this side's.</remarks>
    internal void OnReleaseRequested()
    {
        Volatile.Write(ref _isReleasing, 1);
        Outgoing.End();
        _release.Clear();
        _ = AnswerReleaseAsync(Ended);
    }

    /// <summary>Handles the A-RELEASE confirmation of the acceptor in a collision: now it answers the peer's request.</summary>
    internal void OnReleaseConfirmed() => _ = AnswerReleaseAsync(Ended);

    /// <summary>Ends all waits on the association.</summary>
    internal void OnEnded()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) != 0)
        {
            return;
        }

        _setup.OnOver?.Invoke();
        _release.Clear();
        LogEnd();
        Outgoing.End();
        Incoming.End();
        _finished.TrySetResult();
        _ = _ended.CancelAsync();
    }

    /// <summary>Releases timers after the connection is closed.</summary>
    internal void Close()
    {
        Work.Dispose();
        _release.Dispose();
    }

    private async Task AnswerReleaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Work.WhenNoneAsync(cancellationToken).ConfigureAwait(false);
            _release.Set(Options.AssociationTimeout);
            await _layer.HappenAsync(UpperLayerEvent.Evt14ReleaseResponsePrimitive, null, CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It ended in another way: there is nothing left to answer.
        }
    }

    private void OnIdle()
    {
        if (!Work.IsAny)
        {
            Abort(new AssociationException(AssociationFault.TimedOut, $"Nothing was asked for {Options.IdleTimeout}."));
        }
    }

    private void ThrowIfNotUsable()
    {
        _layer.ThrowIfOver();
        if (Volatile.Read(ref _isReleasing) != 0)
        {
            throw new AssociationException(AssociationFault.Ended, "The association is being released.");
        }
    }

    /// <summary>The peer's address, or "a pipe" if the pipe is not a network connection.</summary>
    private object Remote => _layer.Transport.RemoteEndPoint ?? (object)"a pipe";

    internal void LogStart()
    {
        if (IsRequestor)
        {
            LogRequested(_setup.Logger, CallingAeTitle.Value, CalledAeTitle.Value, Remote, Contexts.Count);
        }
        else
        {
            LogAccepted(_setup.Logger, CallingAeTitle.Value, CalledAeTitle.Value, Remote, Contexts.Count);
        }
    }

    private void LogEnd()
    {
        TimeSpan duration = _setup.Time.GetElapsedTime(_since);
        if (_layer.Failure is { } failure)
        {
            LogAborted(_setup.Logger, CallingAeTitle.Value, CalledAeTitle.Value, Remote, Incoming.Performed, failure.Message);
        }
        else
        {
            LogReleased(_setup.Logger, CallingAeTitle.Value, CalledAeTitle.Value, Remote, Incoming.Performed, duration);
        }
    }

    [LoggerMessage(
        1000,
        LogLevel.Information,
        "Accepted an association of {CallingAeTitle} to {CalledAeTitle} from {Remote} with {Contexts} presentation contexts")]
    private static partial void LogAccepted(ILogger logger, string callingAeTitle, string calledAeTitle, object remote, int contexts);

    [LoggerMessage(
        1001,
        LogLevel.Debug,
        "Opened an association of {CallingAeTitle} to {CalledAeTitle} at {Remote} with {Contexts} presentation contexts")]
    private static partial void LogRequested(ILogger logger, string callingAeTitle, string calledAeTitle, object remote, int contexts);

    [LoggerMessage(
        1002,
        LogLevel.Information,
        "Association of {CallingAeTitle} to {CalledAeTitle} ({Remote}) was released after {Operations} operations in {Duration}")]
    private static partial void LogReleased(
        ILogger logger, string callingAeTitle, string calledAeTitle, object remote, long operations, TimeSpan duration);

    [LoggerMessage(
        1003,
        LogLevel.Warning,
        "Association of {CallingAeTitle} to {CalledAeTitle} ({Remote}) ended without release after {Operations} operations: {Reason}")]
    private static partial void LogAborted(
        ILogger logger, string callingAeTitle, string calledAeTitle, object remote, long operations, string reason);
}

/// <summary>The parts of an association after its negotiation.</summary>
internal sealed record AssociationSetup
{
    public required UpperLayerProvider Layer { get; init; }

    public required AssociationOptions Options { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public required bool IsRequestor { get; init; }

    public required AeTitle CallingAeTitle { get; init; }

    public required AeTitle CalledAeTitle { get; init; }

    public required IReadOnlyList<NegotiatedContext> Contexts { get; init; }

    public required UserInformation Peer { get; init; }

    public required int MaxOperationsInvoked { get; init; }

    public required int MaxOperationsPerformed { get; init; }

    public required IReadOnlyList<IDimseService> Services { get; init; }

    /// <summary>Called once when it is over, before the peer can know.</summary>
    public Action? OnOver { get; init; }
}
