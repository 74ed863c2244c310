using ImagingIngestion.Bindings;
using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Gateways.Dimse.Commitment;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Grains.Revisions;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Ingest;
using ImagingIngestion.Settings;
using ImagingIngestion.Storage;
using ImagingIngestion.Storage.Postgres;
using ImagingIngestion.Storage.S3;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways;

/// <summary>The options of all features: the one list that reading, validation, documentation and the JSON schema start from.</summary>
public static class ProcessSections
{
    /// <summary>Returns the sections of an executable, in the order of the documentation.</summary>
    public static IReadOnlyList<OptionsSection> Of(ProcessKind kind) =>
    [
        SettingsSources.Section,
        RoleOptions.SectionOf(kind),
        ServerOptions.Section,
        HttpOptions.Section,
        ProviderOptions.Section,
        StorageOptions.Section,
        DatabaseOptions.Section,
        BucketOptions.Section,
        IngestOptions.Section,
        GrainOptions.Section,
        RevisionOptions.Section,
        EventOptions.Section,
        SweeperOptions.Section,
        DimseOptions.Section,
        CommitmentOptions.Section,
        ClusterOptions.Section,
        BindingsOptions.Section,
    ];

    /// <summary>Registers the options of all features, validated at start, and what a process of a cluster must have.</summary>
    public static IServiceCollection AddOptionsOf(this IServiceCollection services, ProcessSettings settings)
    {
        settings.AddTo(services);
        return services.AddSingleton<IValidateOptions<RoleOptions>>(new ClusterRules(settings));
    }

    /// <summary>What a process of a cluster needs beyond the defaults, which work in one process only.</summary>
    private sealed class ClusterRules(ProcessSettings settings) : IValidateOptions<RoleOptions>
    {
        public ValidateOptionsResult Validate(string? name, RoleOptions roles)
        {
            Mistakes mistakes = settings.NewMistakes();
            if (roles.IsPart)
            {
                CheckStores(roles, mistakes);
                CheckCalls(roles, mistakes);
            }

            return mistakes.Sentences.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes.Sentences);
        }

        private void CheckStores(RoleOptions roles, Mistakes mistakes)
        {
            if (!settings.Get<DatabaseOptions>().IsPostgres)
            {
                mistakes.Add(DatabaseOptions.Section["Kind"], "must be postgresql, because several processes share the manifest");
            }

            if (roles.UsesObjects && !settings.Get<BucketOptions>().IsSet && settings.Get<StorageOptions>().SharedObjects is null)
            {
                mistakes.Add(
                    BucketOptions.Section["Host"],
                    "must name the S3 server of the bucket, because several processes share the objects; on one machine "
                        + $"{StorageOptions.Section["SharedObjects"].Names} may name a folder instead");
            }
        }

        private void CheckCalls(RoleOptions roles, Mistakes mistakes)
        {
            if ((roles.CallsGrains || roles.Has(ProcessRoles.Silo)) && settings.Get<ClusterOptions>().Key is null)
            {
                mistakes.Add(
                    ClusterOptions.Section["Key"],
                    $"must be a secret of at least {ClusterOptions.MinKeyBytes} characters, the same for every gateway and silo");
            }

            if (roles.Has(ProcessRoles.Dimse) && settings.Get<DimseOptions>().Port == DimseOptions.Off)
            {
                mistakes.Add(DimseOptions.Section["Port"], "must be a port where the process has the role dimse");
            }

            if (roles.Has(ProcessRoles.Binding)
                && !roles.Has(ProcessRoles.Wado)
                && settings.Get<EventOptions>().WadoInternalEndpoint is null)
            {
                mistakes.Add(
                    EventOptions.Section["WadoInternalEndpoint"],
                    "must be the WADO-RS root that instances are fetched from, because this process has the role binding and not the role "
                        + "wado");
            }
        }
    }
}
