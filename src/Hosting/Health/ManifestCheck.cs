using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Health;

/// <summary>Asks the manifest whether it can be read, or written.</summary>
internal sealed class ManifestCheck(IStoreHealth manifest, ReadinessScope scope) : IReadinessCheck
{
    public ReadinessScope Scope { get; } = scope;

    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        string? fault = Scope == ReadinessScope.Reading
            ? await manifest.FindReadingFaultAsync(cancellationToken)
            : await manifest.FindWritingFaultAsync(cancellationToken);
        return fault is null ? null : $"the manifest store does not work: {fault}";
    }
}
