using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Grains.Revisions;
using ImagingIngestion.Grains.Search;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Ingest;
using ImagingIngestion.Settings;
using ImagingIngestion.Silo.Cluster;
using ImagingIngestion.Storage.Postgres;

namespace ImagingIngestion.Silo.Startup;

/// <summary>Registers what a silo does beside the gateways that it may host.</summary>
internal static class SiloServices
{
    /// <summary>Everything in one process is a silo of a cluster too where it can be one, so that gateways may be added to it.</summary>
    public static void Add(IServiceCollection services, ProcessSettings settings)
    {
        services
            .AddGrains(settings.Get<IngestOptions>().DuplicatePolicy)
            .AddRevisions()
            .AddEventRetention(settings.Get<EventOptions>().Retention)
            .AddHostedService<SearchIndexRenewal>();
        if (settings.Get<DatabaseOptions>().IsPostgres && settings.Get<ClusterOptions>() is { Key: not null } cluster)
        {
            services.AddSiloEndpoint(cluster);
        }
    }
}
