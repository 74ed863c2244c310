using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>Hands each request of the server to the reception.</summary>
internal sealed class CallApplication(CallReception reception) : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public Task ProcessRequestAsync(HttpContext context) => reception.HandleAsync(context);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // Nothing belongs to a request but what the server itself gave.
    }
}
