namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>What became of a report.</summary>
/// <param name="Fault">Why it did not arrive, fit for logs; null when the peer took it.</param>
internal readonly record struct ReportOutcome(string? Fault)
{
    public static ReportOutcome Reported => default;

    public bool IsReported => Fault is null;
}
