using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>Performs operations of one kind as SCP; one object serves all associations.</summary>
public interface IDimseService
{
    /// <summary>Returns whether this service performs the request.</summary>
    bool Performs(DimseRequest request);

    /// <summary>Performs the operation and sends its responses, the final one last.</summary>
    /// <remarks>An exception is logged, and answered 0110 if no final response was sent.</remarks>
    /// <param name="operation">The request.</param>
    /// <param name="cancellationToken">The association ended, or the server no longer waits for it.</param>
    Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken);
}

/// <summary>A request of the peer that is being performed.</summary>
public sealed class IncomingOperation
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly IncomingOperations _owner;
    private bool _isFinished;

    internal IncomingOperation(
        IncomingOperations owner, Association association, NegotiatedContext context, DimseRequest request, IncomingDataSet? dataSet)
    {
        _owner = owner;
        Association = association;
        Context = context;
        Request = request;
        DataSet = dataSet;
    }

    public Association Association { get; }

    public NegotiatedContext Context { get; }

    public DimseRequest Request { get; }

    /// <summary>Null if none follows the command. Unread parts are skipped; the next message is read only after its end.</summary>
    public IncomingDataSet? DataSet { get; }

    /// <summary>The peer sent a C-CANCEL-RQ.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>The final response was sent, or at least begun.</summary>
    internal bool IsFinished => Volatile.Read(ref _isFinished);

    /// <summary>Sends a response with <see cref="DimseResponse.RespondsTo"/> set to the request.</summary>
    /// <param name="response">The command.</param>
    /// <param name="dataSet">Encoded in the transfer syntax of the context; null for none.</param>
    /// <param name="cancellationToken">Cancels, which aborts the association if bytes were already sent.</param>
    /// <exception cref="AssociationException">The association is gone.</exception>
    public ValueTask RespondAsync(DimseResponse response, ReadOnlyMemory<byte>? dataSet, CancellationToken cancellationToken)
    {
        if (IsFinished)
        {
            throw new InvalidOperationException("The final response was already sent.");
        }

        if (!response.Status.IsPending)
        {
            Volatile.Write(ref _isFinished, true);
            _owner.Forget(this);
        }

        return Association.Sender.SendAsync(Context.Id, response with { RespondsTo = Request.MessageId }, dataSet, cancellationToken);
    }

    internal void Cancel() => _cancelled.Cancel();
}
