using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Gateways.Wado;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Delete;

/// <summary>
/// Deletes a study, series or instance: 204 after it is durable, 404 when there was nothing. The objects are removed a day later.
/// </summary>
internal sealed class DeleteEndpoint(IGrainFactory grains, ProviderName provider)
{
    private const int RetryAfterSeconds = 10;

    public async Task HandleAsync(HttpContext context)
    {
        if (!StudyInstanceUid.TryParse(context.GetRouteValue("study") as string, out StudyInstanceUid study)
            || !TryReadSeries(context, out SeriesInstanceUid? series) || !TryReadInstance(context, out SopInstanceUid? sop))
        {
            await Problem.WriteAsync(
                context,
                400,
                "Not a UID",
                "A UID in the path is not valid: 1 to 64 characters, digits and single dots between them (PS3.5 section 9.1).");
            return;
        }

        try
        {
            int deleted = await grains.GetStudyGrain(new StudyKey(provider, study)).DeleteAsync(
                new DeleteRequest(series, sop), context.RequestAborted);
            if (deleted > 0)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }

            await Problem.WriteAsync(context, 404, "Not found", "Nothing is stored under this path.");
        }
        catch (Exception exception) when (exception is ManifestUnavailableException or GrainOverloadedException)
        {
            await Problem.WriteAsync(
                context,
                503,
                "The manifest is not available",
                "Whether it was deleted is not known: delete again later.",
                RetryAfterSeconds);
        }
    }

    private static bool TryReadSeries(HttpContext context, out SeriesInstanceUid? series)
    {
        series = null;
        if (context.GetRouteValue("series") is not string text)
        {
            return true;
        }

        bool isValid = SeriesInstanceUid.TryParse(text, out SeriesInstanceUid uid);
        series = uid;
        return isValid;
    }

    private static bool TryReadInstance(HttpContext context, out SopInstanceUid? sop)
    {
        sop = null;
        if (context.GetRouteValue("instance") is not string text)
        {
            return true;
        }

        bool isValid = SopInstanceUid.TryParse(text, out SopInstanceUid uid);
        sop = uid;
        return isValid;
    }
}

/// <summary>Registers DELETE of studies, series and instances.</summary>
public static class DeleteRoutes
{
    private static readonly string[] Methods = [HttpMethods.Delete];

    /// <summary>Maps the resource paths below a root such as <c>/wado-rs</c>.</summary>
    public static IEndpointRouteBuilder MapDelete(
        this IEndpointRouteBuilder routes, string root, IGrainFactory grains, ProviderName provider, ILogger logger)
    {
        RetrieveGuard guard = new(logger);
        DeleteEndpoint endpoint = new(grains, provider);
        RequestDelegate handler = context => guard.RunAsync(context, endpoint.HandleAsync);
        routes.MapMethods(root + "/studies/{study}", Methods, handler);
        routes.MapMethods(root + "/studies/{study}/series/{series}", Methods, handler);
        routes.MapMethods(root + "/studies/{study}/series/{series}/instances/{instance}", Methods, handler);
        return routes;
    }
}
