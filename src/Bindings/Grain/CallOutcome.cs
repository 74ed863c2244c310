using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Bindings.Grain;

/// <summary>What a call of a target came to.</summary>
/// <param name="Settlements">One for each delivery.</param>
/// <param name="Verdict">What it says of the target.</param>
/// <param name="RetryAfter">The longest time that the target asked to wait; null when it did not.</param>
internal sealed record CallOutcome(IReadOnlyList<DeliverySettlement> Settlements, CallVerdict Verdict, TimeSpan? RetryAfter);
