namespace ImagingIngestion.Options;

/// <summary>Delivers instances over STOW-RS (PS3.18 section 10.5).</summary>
public sealed record StowBindingOptions
{
    /// <summary>The endpoint ends in <c>/studies</c>.</summary>
    public required HttpTargetOptions Target { get; init; }

    /// <summary>The most instances in one request.</summary>
    public int InstancesPerRequest { get; init; } = 20;

    /// <summary>Bytes after which a request takes no further instance.</summary>
    public long BytesPerRequest { get; init; } = 64L << 20;

    /// <summary>A 2xx whose body names no instance counts as success: for archives that answer with a page.</summary>
    public bool TrustsStatus { get; init; }
}
