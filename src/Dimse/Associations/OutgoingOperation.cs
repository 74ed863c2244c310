namespace ImagingIngestion.Dimse;

/// <summary>A request of this side whose responses come.</summary>
public sealed class OutgoingOperation
{
    public ushort MessageId => throw new NotImplementedException();

    /// <summary>The next response; after one that is not pending there is none.</summary>
    /// <exception cref="AssociationException">The association is gone, or the response took longer than <see cref="AssociationOptions.ResponseTimeout"/>.</exception>
    public ValueTask<DimseReply> ReadAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Sends a C-CANCEL-RQ; the final response still comes.</summary>
    public ValueTask CancelAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
