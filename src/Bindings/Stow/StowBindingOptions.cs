using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Settings;

namespace ImagingIngestion.Bindings.Stow;

/// <summary>Delivers instances over STOW-RS (PS3.18 section 10.5).</summary>
public sealed record StowBindingOptions
{
    internal const string EndpointKey = "STOW_ENDPOINT";

    /// <summary>The endpoint ends in <c>/studies</c>.</summary>
    public HttpTargetOptions Target { get; set; } = new();

    /// <summary>The most instances in one request.</summary>
    public int InstancesPerRequest { get; set; } = 20;

    /// <summary>Bytes after which a request takes no further instance.</summary>
    public long BytesPerRequest { get; set; } = 64L << 20;

    /// <summary>A 2xx whose body names no instance counts as success: for archives that answer with a page.</summary>
    public bool TrustsStatus { get; set; }

    internal static readonly IReadOnlyList<BindingKey> Keys = NewKeys(new StowBindingOptions());

    private static IReadOnlyList<BindingKey> NewKeys(StowBindingOptions defaults) =>
    [
        HttpTargetOptions.Url(
            EndpointKey, "Stow:Target:Endpoint", "STOW-RS: URL of the target; `/studies` is added if it is missing", "/studies"),
        .. HttpTargetOptions.Keys("STOW", "Stow"),
        new(
            "STOW_INSTANCES_PER_REQUEST",
            "Stow:InstancesPerRequest",
            Form.Whole(1, 1000, defaults.InstancesPerRequest),
            "most instances in one request"),
        new(
            "STOW_BYTES_PER_REQUEST",
            "Stow:BytesPerRequest",
            Form.Size(1, 1L << 40, defaults.BytesPerRequest),
            "bytes after which a request takes no further instance"),
        new(
            "STOW_TRUST_STATUS",
            "Stow:TrustsStatus",
            Form.Flag(),
            "a 2xx counts as success even if its body is a page or names no instance: for archives that answer so. Without it such an "
                + "instance is tried again, then a dead letter"),
    ];
}
