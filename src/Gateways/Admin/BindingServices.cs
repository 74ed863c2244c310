using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Options;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>Registers the bindings of a process.</summary>
public static class BindingServices
{
    /// <summary>Runs the declared bindings; needs the delivery queue, the event log, and <see cref="ImagingOptions"/> and storage spaces as the gateways register them.</summary>
    public static IServiceCollection AddBindings(this IServiceCollection services, ImagingOptions options)
        => services
            .AddSupervision()
            .AddSingleton(options.Events)
            .AddSingleton<BindingTargets>()
            .AddHostedService<BindingHost>();
}
