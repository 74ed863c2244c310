using ImagingIngestion.Bindings;
using ImagingIngestion.Gateways;
using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Gateways.Dimse.Hosting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Grains.Revisions;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Hosting;
using ImagingIngestion.Hosting.Stores;
using ImagingIngestion.Ingest;
using ImagingIngestion.Settings;
using ImagingIngestion.Storage;
using ImagingIngestion.Storage.Postgres;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Silo.Tests.Startup;

/// <summary>The options that a process has with settings of a test: read, bound and validated as at its start.</summary>
internal sealed class GivenSettings
{
    private readonly ServiceProvider _services;

    private GivenSettings(IConfiguration configuration, ProcessKind kind)
    {
        ServiceCollection services = new();
        services.AddOptionsOf(ProcessSettings.Read(configuration, ProcessSections.Of(kind)));
        _services = services.BuildServiceProvider();
        Mistakes = ProcessSettings.Validate(_services);
    }

    /// <summary>The mistakes that the process would print instead of starting.</summary>
    public IReadOnlyList<string> Mistakes { get; }

    public ProcessRoles Roles => Get<RoleOptions>().Roles;

    public ServerOptions Server => Get<ServerOptions>();

    public HttpOptions Http => Get<HttpOptions>();

    public StorageOptions Storage => Get<StorageOptions>();

    public DatabaseOptions Database => Get<DatabaseOptions>();

    public ProviderOptions Provider => Get<ProviderOptions>();

    public IngestOptions Ingest => Get<IngestOptions>();

    public GrainOptions Grains => Get<GrainOptions>();

    public RevisionOptions Revisions => Get<RevisionOptions>();

    public EventOptions Events => Get<EventOptions>();

    public DimseOptions Dimse => Get<DimseOptions>();

    public ClusterOptions Cluster => Get<ClusterOptions>();

    public IReadOnlyList<BindingOptions> Bindings => Get<BindingsOptions>().Declared;

    public static GivenSettings Of(params IEnumerable<(string Name, string Value)> given) => Of(ProcessKind.Silo, given);

    public static GivenSettings Of(ProcessKind kind, params IEnumerable<(string Name, string Value)> given)
        => Of(Configuration(given), kind);

    public static GivenSettings Of(IConfiguration configuration, ProcessKind kind = ProcessKind.Silo) => new(configuration, kind);

    /// <summary>Returns the options that settings without a mistake make.</summary>
    public static GivenSettings Accepted(ProcessKind kind, params IEnumerable<(string Name, string Value)> given)
    {
        GivenSettings settings = Of(kind, given);
        Assert.Empty(settings.Mistakes);
        return settings;
    }

    /// <summary>Returns the bindings that settings without a mistake declare.</summary>
    public static IReadOnlyList<BindingOptions> Read(params IEnumerable<(string Name, string Value)> given)
        => Accepted(ProcessKind.Silo, given).Bindings;

    public static IConfigurationRoot Configuration(IEnumerable<(string Name, string Value)> given)
    {
        ConfigurationBuilder builder = new();
        builder.AddInMemoryCollection(given.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));
        return builder.Build();
    }

    private T Get<T>()
        where T : class => _services.GetRequiredService<IOptions<T>>().Value;
}
