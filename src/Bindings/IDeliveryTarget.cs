using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Bindings;

/// <summary>Where a binding delivers to: one class for each kind. Calls run concurrently.</summary>
public interface IDeliveryTarget : IAsyncDisposable
{
    /// <summary>The most deliveries that one call takes.</summary>
    int BatchSize { get; }

    /// <summary>
    /// Looks at the target before the first delivery and names in the log what is wrong with it; never fails, and ends within seconds.
    /// </summary>
    Task ExamineAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Delivers; the results are in the order of the deliveries. What goes wrong is a result: only a cancellation is thrown.
    /// </summary>
    Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken);
}
