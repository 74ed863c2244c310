using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace ImagingIngestion.Gateways.Http;

/// <summary>The part of a single-part resource that a Range header asks for (RFC 9110 section 14).</summary>
/// <param name="Kind">What to answer.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes to send.</param>
public readonly record struct HttpRange(HttpRangeKind Kind, long Offset, long Length)
{
    /// <summary>
    /// Reads the header against the resource's length. Several ranges, other units and text that is no range count as no Range header, as
    /// the RFC allows.
    /// </summary>
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

/// <summary>How a Range header is answered.</summary>
public enum HttpRangeKind
{
    /// <summary>200 with everything.</summary>
    Whole,

    /// <summary>206 with the range.</summary>
    Partial,

    /// <summary>416: the range begins after the end.</summary>
    Unsatisfiable,
}
