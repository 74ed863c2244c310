using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Bindings;

/// <summary>Serves a batch for targets that take one delivery a call.</summary>
internal static class OneByOne
{
    public static async Task<IReadOnlyList<DeliveryResult>> DeliverAsync(
        IReadOnlyList<Delivery> deliveries,
        Func<Delivery, CancellationToken, Task<DeliveryResult>> deliver,
        CancellationToken cancellationToken)
    {
        List<DeliveryResult> results = [];
        foreach (Delivery delivery in deliveries)
        {
            results.Add(await deliver(delivery, cancellationToken));
        }

        return results;
    }
}
