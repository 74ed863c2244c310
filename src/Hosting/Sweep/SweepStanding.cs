using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>Whether manifest and object store are known to belong together.</summary>
/// <param name="State">The manifest's side.</param>
/// <param name="Fault">Why the sweeper may delete nothing; null when it may.</param>
internal sealed record SweepStanding(SweepState State, string? Fault)
{
    public bool IsArmed => Fault is null;
}
