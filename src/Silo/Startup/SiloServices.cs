using ImagingIngestion.Options;

namespace ImagingIngestion.Silo;

/// <summary>Registers what a silo does beside the gateways that it may host.</summary>
internal static class SiloServices
{
    public static void Add(IServiceCollection services, ImagingOptions options)
        => services
            .AddGrains(options.Grains, options.Ingest.DuplicatePolicy)
            .AddRevisions(options.Revisions)
            .AddEventRetention(options.Events);
}
