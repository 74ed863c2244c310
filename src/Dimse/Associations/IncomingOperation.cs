namespace ImagingIngestion.Dimse;

/// <summary>A request of the peer that is being performed.</summary>
public sealed class IncomingOperation
{
    public Association Association => throw new NotImplementedException();

    public NegotiatedContext Context => throw new NotImplementedException();

    public DimseRequest Request => throw new NotImplementedException();

    /// <summary>Null when none follows the command. What of it is not read is skipped; the next message is read only after its end.</summary>
    public IncomingDataSet? DataSet => throw new NotImplementedException();

    /// <summary>The peer sent a C-CANCEL-RQ.</summary>
    public CancellationToken Cancelled => throw new NotImplementedException();

    /// <summary>Sends a response; <see cref="DimseResponse.RespondsTo"/> is filled in.</summary>
    /// <param name="response">The command.</param>
    /// <param name="dataSet">Encoded in the transfer syntax of the context; null for none.</param>
    /// <param name="cancellationToken">Gives up, which aborts the association where bytes were already sent.</param>
    /// <exception cref="AssociationException">The association is gone.</exception>
    public ValueTask RespondAsync(DimseResponse response, ReadOnlyMemory<byte>? dataSet, CancellationToken cancellationToken) => throw new NotImplementedException();
}
