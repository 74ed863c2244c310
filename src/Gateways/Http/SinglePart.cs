using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ImagingIngestion.Gateways.Http;

/// <summary>An answer of one body whose length is known: conditions, ranges and HEAD (RFC 9110 sections 13 and 14).</summary>
/// <param name="ContentType">Media type with its transfer syntax.</param>
/// <param name="Location">The absolute URL of the body.</param>
/// <param name="Tag">The entity tag without quotes.</param>
/// <param name="LastModified">When the resource was stored.</param>
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

/// <summary>The part of a single-part resource that a Range header asks for (RFC 9110 section 14).</summary>
/// <param name="Kind">The kind of the answer.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes to send.</param>
public readonly record struct HttpRange(HttpRangeKind Kind, long Offset, long Length)
{
    /// <summary>Reads the header against the resource's length.</summary>
    /// <remarks>Several ranges, other units and text that is no range count as no Range header, as the RFC allows.</remarks>
    public static HttpRange Read(HttpRequest request, long resourceLength)
    {
        HttpRange whole = new(HttpRangeKind.Whole, 0, resourceLength);
        if (!HttpMethods.IsGet(request.Method) || !RangeHeaderValue.TryParse(request.Headers.Range.ToString(), out RangeHeaderValue? header)
            || header.Unit != "bytes" || header.Ranges.Count != 1)
        {
            return whole;
        }

        RangeItemHeaderValue range = header.Ranges.First();
        long from = range.From ?? Math.Max(0, resourceLength - range.To!.Value);
        long to = range.From is null ? resourceLength - 1 : Math.Min(range.To ?? long.MaxValue, resourceLength - 1);
        return from > to ? new(HttpRangeKind.Unsatisfiable, 0, 0) : new(HttpRangeKind.Partial, from, to - from + 1);
    }

    /// <summary>
    /// Sets status, Accept-Ranges, Content-Length and Content-Range of the answer; after an unsatisfiable range no body follows.
    /// </summary>
    public void Apply(HttpResponse response, long resourceLength)
    {
        response.Headers.AcceptRanges = "bytes";
        response.ContentLength = Length;
        switch (Kind)
        {
            case HttpRangeKind.Partial:
                response.StatusCode = StatusCodes.Status206PartialContent;
                response.Headers.ContentRange = $"bytes {Offset}-{Offset + Length - 1}/{resourceLength}";
                break;
            case HttpRangeKind.Unsatisfiable:
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                response.Headers.ContentRange = $"bytes */{resourceLength}";
                break;
            default:
                response.StatusCode = StatusCodes.Status200OK;
                break;
        }
    }
}

/// <summary>The kind of answer to a Range header.</summary>
public enum HttpRangeKind
{
    /// <summary>200 with everything.</summary>
    Whole,

    /// <summary>206 with the range.</summary>
    Partial,

    /// <summary>416: the range begins after the end.</summary>
    Unsatisfiable,
}
