using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways;

/// <summary>Gives what routing itself refuses (no such path, no such method) the body that every error has, and answers OPTIONS with the methods of the path.</summary>
public sealed class RouteFaultMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        HttpResponse response = context.Response;
        if (response.HasStarted || response.ContentType is not null || response.ContentLength is not null)
        {
            return;
        }

        if (response.StatusCode == StatusCodes.Status404NotFound)
        {
            await Problem.WriteAsync(context, 404, "Not a resource", "Nothing is served under this path. The services begin at /dicom-web, /wado-rs and /stow-rs, followed by /studies; events are at /changefeed.");
        }
        else if (response.StatusCode == StatusCodes.Status405MethodNotAllowed && HttpMethods.IsOptions(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status204NoContent;
        }
        else if (response.StatusCode == StatusCodes.Status405MethodNotAllowed)
        {
            await Problem.WriteAsync(context, 405, "Method not allowed", $"This path takes only these methods: {response.Headers.Allow}.");
        }
    }
}
