using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>A silo's answer to a call.</summary>
public sealed record GrainAnswer(GrainAnswerKind Kind)
{
    /// <summary>With <see cref="GrainAnswerKind.Stored"/>.</summary>
    public StoreAnswer? Store { get; init; }

    /// <summary>Instances, with <see cref="GrainAnswerKind.Deleted"/>.</summary>
    public int Deleted { get; init; }

    /// <summary>With <see cref="GrainAnswerKind.Revised"/>.</summary>
    public bool IsClosed { get; init; }

    /// <summary>How long to wait, with <see cref="GrainAnswerKind.Overloaded"/>.</summary>
    public TimeSpan RetryAfter { get; init; }

    /// <summary>Explains what went wrong; no values of instances. Longer texts are cut.</summary>
    public string Detail { get; init; } = "";
}
