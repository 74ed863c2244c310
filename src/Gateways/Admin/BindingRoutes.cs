using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Admin;

/// <summary>Registers what operators see and change of bindings and their dead letters.</summary>
public static class BindingRoutes
{
    internal const string Path = "/bindings";

    private const string Binding = Path + "/{binding}";
    private const string Letters = Binding + "/dead-letters";
    private const string Letter = Letters + "/{id}";

    private static readonly string[] Get = [HttpMethods.Get];
    private static readonly string[] Post = [HttpMethods.Post];
    private static readonly string[] Delete = [HttpMethods.Delete];

    /// <summary>Maps <c>/bindings</c>; needs an <see cref="IBindingAdministration"/>.</summary>
    /// <param name="endpoints">Where to map.</param>
    /// <param name="declared">The bindings that this process runs, which cannot be removed while it does.</param>
    public static IEndpointRouteBuilder MapBindings(this IEndpointRouteBuilder endpoints, IReadOnlyCollection<BindingOptions> declared)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        IBindingAdministration administration = services.GetRequiredService<IBindingAdministration>();
        RetrieveGuard guard = new(services.GetRequiredService<ILoggerFactory>().CreateLogger("ImagingIngestion.Gateways.Bindings"));
        BindingEndpoint bindings = new(administration, declared.Select(binding => binding.Name).ToHashSet());
        DeadLetterEndpoint letters = new(administration);

        Read(Path, bindings.ListAsync);
        Read(Binding, bindings.ShowAsync);
        Map(Post, Binding + "/pause", bindings.PauseAsync);
        Map(Post, Binding + "/resume", bindings.ResumeAsync);
        Map(Delete, Binding, bindings.RemoveAsync);
        Read(Letters, letters.ListAsync);
        Read(Letter, letters.ShowAsync);
        Map(Post, Letters + "/replay", letters.ReplayAsync);
        Map(Post, Letter + "/replay", letters.ReplayAsync);
        Map(Delete, Letters, letters.DropAsync);
        Map(Delete, Letter, letters.DropAsync);
        return endpoints;

        void Read(string path, Func<HttpContext, Task> handler) => Map(Get, path, handler);

        void Map(string[] methods, string path, Func<HttpContext, Task> handler) => endpoints.MapMethods(path, methods, context => guard.RunAsync(context, handler));
    }
}
