using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// The deliveries of all bindings, kept with the manifest (design promise 4). Deliveries of one instance, or one study, to one binding are
/// leased one at a time in the order of their events. Every implementation passes the same conformance kit.
/// </summary>
public interface IDeliveryQueue
{
    /// <summary>
    /// Makes the binding known, with its start; nothing changes when it already is, except its kind and whether it keeps every event.
    /// </summary>
    /// <exception cref="ArgumentException">It keeps the newest state only, and takes both events of instances and revisions.</exception>
    Task RegisterAsync(BindingDefinition binding, CancellationToken cancellationToken);

    /// <summary>
    /// Turns the next events, or the next part of the snapshot, into deliveries: one short transaction. A binding that is not registered
    /// has none.
    /// </summary>
    /// <param name="binding">As it was registered; its filter and types are applied here.</param>
    /// <param name="max">The most events, or rows of the snapshot, to look at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<FanOutResult> FanOutAsync(BindingDefinition binding, int max, CancellationToken cancellationToken);

    /// <summary>Leases deliveries that are due, the longest due first.</summary>
    Task<DeliveryClaim> ClaimAsync(string binding, string owner, TimeSpan lease, int max, CancellationToken cancellationToken);

    /// <summary>Lets the leases go on from now; those that were lost stay lost.</summary>
    Task RenewAsync(IReadOnlyCollection<Delivery> deliveries, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Records what became of claimed deliveries; those whose lease was lost to another claim are ignored.</summary>
    Task SettleAsync(IReadOnlyCollection<DeliverySettlement> settlements, CancellationToken cancellationToken);
}
