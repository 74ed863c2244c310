using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Storage.S3;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>Registers the ingest pipeline and STOW-RS, and maps the latter.</summary>
public static class StowRegistration
{
    /// <summary>
    /// Registers the endpoint and the pipeline behind it; needs an object store, the list of damaged objects, the grains, what the gateways
    /// share, and the sweep ledger, whose installation id begins all keys.
    /// </summary>
    public static IServiceCollection AddStow(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(NewLimits);
        services.TryAddSingleton(provider =>
        {
            IngestLimits limits = provider.GetRequiredService<IngestLimits>();
            return new UploadMemory(
                Math.Max(limits.BufferBudget, limits.HeldBytes), limits.AdmissionWait, provider.GetRequiredService<TimeProvider>());
        });
        services.TryAddSingleton(NewStowOptions);
        services.TryAddSingleton(provider => new UploadAdmission(
            Ingest(provider).MaxConcurrentUploads,
            provider.GetRequiredService<IngestLimits>(),
            provider.GetRequiredService<UploadMemory>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<StowEndpoint>();
        return services.AddIngest();
    }

    /// <summary>Maps the store paths of PS3.18 table 10.5.1-1 in the group of a service that stores.</summary>
    public static RouteGroupBuilder MapStow(this RouteGroupBuilder group)
    {
        StowEndpoint endpoint = ((IEndpointRouteBuilder)group).ServiceProvider.GetRequiredService<StowEndpoint>();
        group.MapPost("/studies", endpoint.HandleAsync);
        group.MapPost("/studies/{study}", endpoint.HandleAsync);
        return group;
    }

    private static IngestOptions Ingest(IServiceProvider provider) => provider.GetRequiredService<IOptions<IngestOptions>>().Value;

    private static IngestLimits NewLimits(IServiceProvider provider)
    {
        IngestOptions ingest = Ingest(provider);
        BucketOptions bucket = provider.GetRequiredService<IOptions<BucketOptions>>().Value;
        return new IngestLimits
        {
            KeyPrefix = provider.GetRequiredService<ISweepLedger>().InstallationId,
            BufferBudget = bucket.IsSet ? bucket.UploadMemory : IngestLimits.DefaultBufferBudget,
            KeepPreamble = ingest.KeepPreamble,
            MinRate = ingest.MinRate,
            RateWindow = ingest.RateWindow,
            MaxPlaces = provider.GetService<OpenFileShares>()?.Uploads ?? int.MaxValue,
        };
    }

    private static StowOptions NewStowOptions(IServiceProvider provider)
    {
        IngestOptions ingest = Ingest(provider);
        return new StowOptions
        {
            MaxRequestBytes = ingest.MaxStowSize == 0 ? null : ingest.MaxStowSize,
            RequestDeadline = ingest.RequestDeadline,
            IdleTimeout = ingest.IdleTimeout,
        };
    }
}

/// <summary>The bounds of one store request.</summary>
public sealed record StowOptions
{
    /// <summary>The most parts of one request; each leaves a line in the answer, which is kept in memory.</summary>
    public int MaxParts { get; init; } = 50_000;

    /// <summary>Bytes of one request, null for no limit.</summary>
    public long? MaxRequestBytes { get; init; }

    /// <summary>How long one request may take in all.</summary>
    public TimeSpan RequestDeadline { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a sender may stay silent within a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a sender that is told to try later should wait.</summary>
    public int RetryAfterSeconds { get; init; } = 10;
}
