namespace ImagingIngestion.Load.Running;

/// <summary>What a measurement found.</summary>
/// <param name="Elapsed">From the first beginning to the last end.</param>
/// <param name="Latencies">Time of each operation that succeeded, ascending, in milliseconds.</param>
/// <param name="Failures">Operations that failed; their time counts for nothing.</param>
/// <param name="FirstFailure">Why the first one failed.</param>
public sealed record LoadOutcome(TimeSpan Elapsed, double[] Latencies, int Failures, string? FirstFailure)
{
    public long Completed => Latencies.Length;

    public double PerSecond => Elapsed.TotalSeconds > 0 ? Latencies.Length / Elapsed.TotalSeconds : 0;

    /// <summary>A latency that the given part of the operations kept, by nearest rank; NaN where nothing succeeded.</summary>
    public double Percentile(double part)
        => Latencies.Length == 0 ? double.NaN : Latencies[Math.Clamp((int)Math.Ceiling(part * Latencies.Length) - 1, 0, Latencies.Length - 1)];

    /// <summary>What a reader of the figure must know about failures; empty when there were none.</summary>
    public string FailureNote => Failures == 0 ? "" : $"{Failures} failed: {FirstFailure}";
}
