using System.IO.Pipelines;
using ImagingIngestion.Gateways.Http;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>An answer of one body whose length is known: conditions, ranges and HEAD (RFC 9110 sections 13 and 14).</summary>
/// <param name="ContentType">Media type with its transfer syntax.</param>
/// <param name="Location">The absolute URL of what is sent.</param>
/// <param name="Tag">The entity tag without quotes.</param>
/// <param name="LastModified">When it was stored.</param>
/// <param name="Length">Bytes of the whole.</param>
internal sealed record SinglePart(string ContentType, string Location, string Tag, DateTimeOffset LastModified, long Length)
{
    /// <param name="context">The request.</param>
    /// <param name="copy">Sends a range (offset, length) of the whole.</param>
    public async Task SendAsync(HttpContext context, Func<long, long, PipeWriter, CancellationToken, Task> copy)
    {
        HttpResponse response = context.Response;
        response.Headers.CacheControl = CacheHeaders.Revalidate;
        if (ConditionalRequest.IsNotModified(context, Tag, isWeak: false, LastModified))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        HttpRange range = ConditionalRequest.AllowsRange(context.Request, Tag, LastModified)
            ? HttpRange.Read(context.Request, Length)
            : new HttpRange(HttpRangeKind.Whole, 0, Length);
        range.Apply(response, Length);
        if (range.Kind == HttpRangeKind.Unsatisfiable)
        {
            await Problem.WriteAsync(
                context,
                StatusCodes.Status416RangeNotSatisfiable,
                "Range after the end",
                $"The resource has {Length} bytes; ask for a range within them.");
            return;
        }

        response.ContentType = ContentType;
        response.Headers.ContentLocation = Location;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await copy(range.Offset, range.Length, response.BodyWriter, context.RequestAborted);
        }
    }
}
