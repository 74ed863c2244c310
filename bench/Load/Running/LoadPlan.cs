namespace ImagingIngestion.Load.Running;

/// <summary>How much a measurement may do; whichever bound is met first ends it.</summary>
/// <param name="Clients">Operations at the same time.</param>
/// <param name="Operations">The most operations.</param>
/// <param name="Limit">The longest time in which operations begin.</param>
public sealed record LoadPlan(int Clients, long Operations, TimeSpan Limit);
