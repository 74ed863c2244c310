namespace ImagingIngestion.Grains;

/// <summary>The answer to an <see cref="InstanceArrival"/>, given only after its commit is durable.</summary>
/// <param name="Outcome">What was decided.</param>
/// <param name="Committed">The row that the manifest holds now; null when it holds none. The gateway may delete its own object only when this names another.</param>
public sealed record StoreAnswer(StoreOutcome Outcome, InstanceState? Committed);
