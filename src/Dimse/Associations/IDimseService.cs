using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>Performs operations of one kind as SCP; one object serves all associations.</summary>
public interface IDimseService
{
    /// <summary>Whether this service performs the request.</summary>
    bool Performs(DimseRequest request);

    /// <summary>
    /// Performs the operation and sends its responses, the final one last. What is thrown is logged and answered 0110 where no final
    /// response was sent.
    /// </summary>
    /// <param name="operation">The request.</param>
    /// <param name="cancellationToken">The association is gone, or the server gives up waiting for it.</param>
    Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken);
}
