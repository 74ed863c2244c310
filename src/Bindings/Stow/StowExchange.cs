namespace ImagingIngestion.Bindings.Stow;

/// <summary>What one store request came to, besides the results that it gave.</summary>
/// <param name="Fault">The target or the source does not work: what goes for all that is left of the call; null when they do.</param>
/// <param name="Undecided">Instances that the answer did not tell about.</param>
internal sealed record StowExchange(DeliveryResult? Fault, IReadOnlyList<StowItem> Undecided);
