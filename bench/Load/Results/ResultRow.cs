namespace ImagingIngestion.Load.Results;

/// <summary>One measured figure.</summary>
/// <param name="Scenario">The scenario, as its command is called.</param>
/// <param name="Figure">What was measured; the same words for every target.</param>
/// <param name="Target">Whose figure it is.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit; one that ends in "/s" is better when higher, every other one when lower.</param>
/// <param name="Failures">Operations that failed; a figure with failures reaches nothing.</param>
/// <param name="Note">What a reader must know: counts, the first failure.</param>
public sealed record ResultRow(string Scenario, string Figure, string Target, double Value, string Unit, int Failures, string Note)
{
    public bool IsBetterHigher => Unit.EndsWith("/s", StringComparison.Ordinal);
}
