using ImagingIngestion.Options;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Http;

/// <summary>
/// Gives what the framework itself refuses (a foreign Host, no such path, no such method) the body that every error has, and answers
/// OPTIONS with the methods of the path.
/// </summary>
internal sealed partial class RouteFaultMiddleware(RequestDelegate next, ILogger logger)
{
    private int _isTold;

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        HttpResponse response = context.Response;
        if (response.HasStarted || response.ContentType is not null || response.ContentLength is not null)
        {
            return;
        }

        if (response.StatusCode == StatusCodes.Status400BadRequest)
        {
            TellOnce(context);
            await Problem.WriteAsync(context, 400, "Not a host of this server", "The request names a host that is not known here. If "
                + $"clients are to reach the server under it, add it to {HttpOptions.AllowedHostsSetting.Names}.");
        }
        else if (response.StatusCode == StatusCodes.Status404NotFound)
        {
            await Problem.WriteAsync(context, 404, "Not a resource", "Nothing is served under this path. The services begin at /dicom-web, "
                + "/wado-rs and /stow-rs, followed by /studies; events are at /changefeed.");
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

    private void TellOnce(HttpContext context)
    {
        if (Interlocked.Exchange(ref _isTold, 1) == 0)
        {
            LogForeignHost(logger, context.Request.Host.Value, HttpOptions.AllowedHostsSetting.Names);
        }
    }

    [LoggerMessage(
        4124,
        LogLevel.Warning,
        "A request for the host {Host} was refused; if clients are to reach the server under it, add it to {Setting}. This is told once")]
    private static partial void LogForeignHost(ILogger logger, string? host, string setting);
}
