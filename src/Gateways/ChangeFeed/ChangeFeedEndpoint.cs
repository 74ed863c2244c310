using System.Text.Json;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Manifest.Events;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.ChangeFeed;

/// <summary>
/// The event log over HTTP, for readers that keep a cursor of their own: a page behind it, at once or as soon as there is something.
/// A cursor that the log no longer covers is 410, because to go on from it would leave events out unseen.
/// </summary>
internal sealed class ChangeFeedEndpoint(ChangeFeedServices services)
{
    private const int BusyRetrySeconds = 5;

    // One read brings at most so many events into memory; a page is made of several.
    private const int ReadSize = 50;

    private readonly ChangeFeedWait _wait = new(services);

    /// <summary><c>GET /changefeed</c>.</summary>
    public async Task ReadAsync(HttpContext context)
    {
        if (ChangeFeedRequest.TryParse(context.Request.QueryString.Value, out string mistake) is not { } request)
        {
            await Problem.WriteAsync(context, 400, "Not a valid query", mistake);
            return;
        }

        EventQuery query = request.Query with { Limit = Math.Min(request.Query.Limit, ReadSize) };
        EventPage? page = await services.Log.ReadAsync(query, context.RequestAborted);
        if (page.Events.Count == 0 && Covers(page, query.After) && request.Wait > TimeSpan.Zero)
        {
            page = await _wait.ReadAsync(query, page, request.Wait, context.RequestAborted);
        }

        if (page is null)
        {
            await Problem.WriteAsync(context, 503, "Too many readers wait", "As many readers of the change feed wait as may; ask again later, or without wait.", BusyRetrySeconds);
            return;
        }

        if (!Covers(page, query.After))
        {
            await RefuseCursorAsync(context, page, query.After);
            return;
        }

        await WriteAsync(context, request.Query, page);
    }

    /// <summary><c>GET /changefeed/latest</c>.</summary>
    public async Task TellBoundsAsync(HttpContext context)
    {
        EventLogBounds bounds = await services.Log.GetBoundsAsync(context.RequestAborted);
        Begin(context);
        await using Utf8JsonWriter json = new(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteNumber("oldest"u8, bounds.Oldest);
        json.WriteNumber("latest"u8, bounds.Latest);
        json.WriteEndObject();
        await json.FlushAsync(context.RequestAborted);
    }

    private static bool Covers(EventPage page, long after) => !page.IsExpired && after <= page.Bounds.Latest;

    private static Task RefuseCursorAsync(HttpContext context, EventPage page, long after)
        => Problem.WriteAsync(
            context,
            410,
            "The cursor is not in the log",
            after > page.Bounds.Latest
                ? "No event has had the number in 'after' yet, so that it comes from another log, or from this one before a backup was restored. Read everything anew with after = oldest - 1."
                : "Events behind the number in 'after' are no longer kept. What they told is in the store: read it from there, then go on with after = oldest - 1.",
            member: ("oldest", page.Bounds.Oldest));

    private static void Begin(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
    }

    private async Task WriteAsync(HttpContext context, EventQuery query, EventPage page)
    {
        Begin(context);
        await using ChangeFeedWriter writer = new(context.Response.BodyWriter, services);
        for (int left = query.Limit; ;)
        {
            if (!await writer.WriteAsync(page, context.RequestAborted) || page.Events.Count == 0)
            {
                break;
            }

            left -= page.Events.Count;
            if (left == 0 || page.Next >= page.Bounds.Latest)
            {
                break;
            }

            page = await services.Log.ReadAsync(query with { After = page.Next, Limit = Math.Min(left, ReadSize) }, context.RequestAborted);
            if (page.IsExpired)
            {
                break;
            }
        }

        await writer.EndAsync(context.RequestAborted);
    }
}
