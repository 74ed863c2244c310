using ImagingIngestion.Grains.Events;
using ImagingIngestion.Grains.Revisions;
using ImagingIngestion.Grains.Search;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Options;
using ImagingIngestion.Silo.Cluster;

namespace ImagingIngestion.Silo.Startup;

/// <summary>Registers what a silo does beside the gateways that it may host.</summary>
internal static class SiloServices
{
    /// <summary>Everything in one process is a silo of a cluster too where it can be one, so that gateways may be added to it.</summary>
    public static void Add(IServiceCollection services, ImagingOptions options)
    {
        services
            .AddGrains(options.Grains, options.Ingest.DuplicatePolicy)
            .AddRevisions(options.Revisions)
            .AddEventRetention(options.Events)
            .AddHostedService<SearchIndexRenewal>();
        if (options is { Database: not null, Cluster.Key: not null })
        {
            services.AddSiloEndpoint(options.Cluster);
        }
    }
}
