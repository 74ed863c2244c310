namespace ImagingIngestion.Hosting.Sweep;

/// <summary>What one round of the sweeper has done.</summary>
/// <param name="Listed">Objects of the installation that were seen.</param>
/// <param name="Dropped">Deleted because their row had dropped them.</param>
/// <param name="Unnamed">Deleted because no row has ever named them.</param>
/// <param name="Aborted">Uploads that were never completed.</param>
/// <param name="IsComplete">False when the right to sweep was lost on the way.</param>
internal readonly record struct SweepCounts(long Listed, long Dropped, long Unnamed, long Aborted, bool IsComplete);
