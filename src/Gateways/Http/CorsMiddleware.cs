using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways;

/// <summary>Lets browser viewers of other origins use the services (Fetch standard, CORS protocol): answers preflights and exposes the headers that DICOMweb clients read.</summary>
public sealed class CorsMiddleware(RequestDelegate next, DicomWebOptions options)
{
    private const string ExposedHeaders = "ETag, Content-Location, Content-Range, Accept-Ranges, Content-Length, Location, Last-Modified, Link, Retry-After, Warning, X-Total-Count";
    private const string Methods = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

    public Task InvokeAsync(HttpContext context)
    {
        IHeaderDictionary request = context.Request.Headers;
        string? origin = request.Origin;
        if (string.IsNullOrEmpty(origin) || context.Request.Path.StartsWithSegments(BindingRoutes.Path))
        {
            return next(context);
        }

        IHeaderDictionary response = context.Response.Headers;
        bool anyOrigin = options.AllowedOrigins.Contains("*");
        if (!anyOrigin)
        {
            response.Append("Vary", "Origin");
        }

        if (!anyOrigin && !options.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            return next(context);
        }

        response.AccessControlAllowOrigin = anyOrigin ? "*" : origin;
        if (HttpMethods.IsOptions(context.Request.Method) && request.AccessControlRequestMethod.Count > 0)
        {
            return AnswerPreflight(context);
        }

        response.AccessControlExposeHeaders = ExposedHeaders;
        return next(context);
    }

    private static Task AnswerPreflight(HttpContext context)
    {
        IHeaderDictionary response = context.Response.Headers;
        response.AccessControlAllowMethods = Methods;

        // "*" does not cover Authorization, so what the browser asks for is named.
        string asked = context.Request.Headers.AccessControlRequestHeaders.ToString();
        if (asked.Length > 0)
        {
            response.AccessControlAllowHeaders = asked;
        }

        response.AccessControlMaxAge = "7200";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
