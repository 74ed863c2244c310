namespace ImagingIngestion.Dimse;

/// <summary>
/// An association (PS3.8) and the operations on it (PS3.7), of either side. Both sides may invoke and perform: operations that the peer invokes
/// go to the services that the association was opened with.
/// </summary>
public sealed class Association : IAsyncDisposable
{
    /// <summary>The title of the requestor.</summary>
    public AeTitle CallingAeTitle => throw new NotImplementedException();

    /// <summary>The title of the acceptor.</summary>
    public AeTitle CalledAeTitle => throw new NotImplementedException();

    /// <summary>This side asked for the association.</summary>
    public bool IsRequestor => throw new NotImplementedException();

    /// <summary>The contexts that were accepted.</summary>
    public IReadOnlyList<NegotiatedContext> Contexts => throw new NotImplementedException();

    /// <summary>What the peer said in its request or accept.</summary>
    public UserInformation Peer => throw new NotImplementedException();

    /// <summary>How many operations this side may have open at once.</summary>
    public int MaxOperationsInvoked => throw new NotImplementedException();

    /// <summary>False once it is released, aborted or lost.</summary>
    public bool IsOpen => throw new NotImplementedException();

    /// <summary>Cancelled when the association ends, however it does.</summary>
    public CancellationToken Ended => throw new NotImplementedException();

    /// <summary>Sends a request; waits while as many operations are open as the peer takes.</summary>
    /// <param name="context">On which this side is SCU.</param>
    /// <param name="request">Gets its Message ID here.</param>
    /// <param name="dataSet">Writes the data set in the transfer syntax of the context; an exception of it aborts the association. Null for none.</param>
    /// <param name="cancellationToken">Gives up, which aborts the association where bytes were already sent.</param>
    /// <exception cref="AssociationException">The association is gone.</exception>
    public Task<OutgoingOperation> InvokeAsync(NegotiatedContext context, DimseRequest request, Func<Stream, CancellationToken, Task>? dataSet, CancellationToken cancellationToken)
        => throw new NotImplementedException();

    /// <summary>Releases in order: waits for the operations that are open, then for the peer.</summary>
    /// <exception cref="AssociationException">It ended otherwise.</exception>
    public Task ReleaseAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Aborts; nothing happens when it has ended.</summary>
    public Task AbortAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Aborts where it is still open.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
