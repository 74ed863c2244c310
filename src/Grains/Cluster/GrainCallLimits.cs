using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>What is taken from another process before it is refused.</summary>
public static class GrainCallLimits
{
    /// <summary>The version of the contract between gateways and silos; the first byte of every call and answer.</summary>
    public const byte Version = 2;

    /// <summary>Bytes of a call: the metadata and layout of the largest header that the readers take, and room beside them.</summary>
    public const int MaxCallBytes = 64 << 20;

    /// <summary>Bytes of an answer.</summary>
    public const int MaxAnswerBytes = 16 << 10;

    /// <summary>
    /// Elements and items of all attributes of one call; <see cref="AttributeLevels.MaxValueLength"/> keeps what gateways send well below
    /// it.
    /// </summary>
    public const int MaxElements = 64 << 10;

    /// <summary>Sequences within sequences.</summary>
    public const int MaxDepth = 128;

    /// <summary>Bytes of a short text: titles, transfer syntaxes, explanations.</summary>
    public const int MaxTextBytes = 1024;

    /// <summary>The longest that a call may wait for its answer.</summary>
    public static readonly TimeSpan MaxPatience = TimeSpan.FromMinutes(10);
}
