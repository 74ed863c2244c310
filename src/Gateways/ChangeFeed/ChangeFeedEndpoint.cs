using System.IO.Pipelines;
using System.Text.Json;
using System.Threading.RateLimiting;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Grains.Events;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Gateways.ChangeFeed;

/// <summary>Serves the event log to readers that keep a cursor of their own.</summary>
/// <remarks>
/// A page behind the cursor is sent at once, or as soon as it has an event. A cursor that the log no longer covers is 410: reading on
/// from it would silently leave events out.
/// </remarks>
internal sealed class ChangeFeedEndpoint(IEventLog log, IStorageSpaces spaces, IOptions<EventOptions> options, ChangeFeedWait wait)
{
    private readonly EventOptions _options = options.Value;
    private const int BusyRetrySeconds = 5;

    // One read brings at most so many events into memory; a page is made of several.
    private const int ReadSize = 50;

    /// <summary><c>GET /changefeed</c>.</summary>
    public async Task ReadAsync(HttpContext context)
    {
        if (ChangeFeedRequest.TryParse(context.Request.QueryString.Value, out string mistake) is not { } request)
        {
            await Problem.WriteAsync(context, 400, "Not a valid query", mistake);
            return;
        }

        EventQuery query = request.Query with { Limit = Math.Min(request.Query.Limit, ReadSize) };
        EventPage? page = await log.ReadAsync(query, context.RequestAborted);
        if (page.Events.Count == 0 && Covers(page, query.After) && request.Wait > TimeSpan.Zero)
        {
            page = await wait.ReadAsync(query, page, request.Wait, context.RequestAborted);
        }

        if (page is null)
        {
            await Problem.WriteAsync(
                context,
                503,
                "Too many readers wait",
                "As many readers of the change feed wait as may; ask again later, or without wait.",
                BusyRetrySeconds);
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
    public async Task ShowBoundsAsync(HttpContext context)
    {
        EventLogBounds bounds = await log.GetBoundsAsync(context.RequestAborted);
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
                ? "No event has had the number in 'after' yet, so that it comes from another log, or from this one before a backup was "
                    + "restored. Read everything anew with after = oldest - 1."
                : "Events behind the number in 'after' are no longer kept. What they told is in the store: read it from there, then go on "
                    + "with after = oldest - 1.",
            member: ("oldest", page.Bounds.Oldest));

    private static void Begin(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
    }

    private async Task WriteAsync(HttpContext context, EventQuery query, EventPage page)
    {
        Begin(context);
        await using ChangeFeedWriter writer = new(context.Response.BodyWriter, log, spaces, _options);
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

            page = await log.ReadAsync(query with { After = page.Next, Limit = Math.Min(left, ReadSize) }, context.RequestAborted);
            if (page.IsExpired)
            {
                break;
            }
        }

        await writer.EndAsync(context.RequestAborted);
    }
}

/// <summary>Waits for events on behalf of readers, no more of them at a time than the options say.</summary>
/// <remarks>Readers whose events are there take no place, so this is no rate limit on the endpoint.</remarks>
internal sealed class ChangeFeedWait(IEventLog log, IOptions<EventOptions> options, TimeProvider time, IHostApplicationLifetime lifetime)
    : IDisposable
{
    // The log's own signal is a hint only; what another process writes is found by looking.
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    /// <summary>After a read that found nothing. A hint may be wrong for long, and of many events none may be asked for.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrencyLimiter? _places =
        options.Value.MaxFeedWaiters == 0 ? null : new(new ConcurrencyLimiterOptions { PermitLimit = options.Value.MaxFeedWaiters });

    /// <summary>Returns the first page that has an event; null if too many readers wait already.</summary>
    /// <remarks>
    /// When the time is over or the server stops it is the last page that was read: its cursor has moved over the events that the reader
    /// did not ask for.
    /// </remarks>
    /// <param name="query">The events that the reader asks for.</param>
    /// <param name="page">The empty page that the query has found.</param>
    /// <param name="wait">The longest time.</param>
    /// <param name="cancellationToken">The reader has gone.</param>
    public async Task<EventPage?> ReadAsync(EventQuery query, EventPage page, TimeSpan wait, CancellationToken cancellationToken)
    {
        using RateLimitLease? place = _places?.AttemptAcquire();
        if (place is not { IsAcquired: true })
        {
            return null;
        }

        using CancellationTokenSource stop =
            CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, cancellationToken);
        using Deadline end = new(wait, time, stop.Token);
        for (bool hasWaited = false; page.Events.Count == 0
            && !page.IsExpired
            && page.Next <= page.Bounds.Latest
            && !end.Token.IsCancellationRequested;)
        {
            if (page.Next == page.Bounds.Latest)
            {
                if (hasWaited)
                {
                    await Task.Delay(LeastPause, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                await WaitAsync(page.Next, end.Token);
                hasWaited = true;
            }

            page = await log.ReadAsync(query with { After = page.Next }, cancellationToken);
        }

        return page;
    }

    public void Dispose() => _places?.Dispose();

    private async Task WaitAsync(long after, CancellationToken cancellationToken)
    {
        using Deadline look = new(Look, time, cancellationToken);
        try
        {
            await log.WaitAsync(after, look.Token);
        }
        catch (OperationCanceledException)
        {
            // Time to look, or the end of the wait: the caller knows which.
        }
    }
}

/// <summary>Writes a page of the change feed while its events are read, so that only one of them is in memory as JSON.</summary>
internal sealed class ChangeFeedWriter : IAsyncDisposable
{
    private const int FlushBytes = 64 * 1024;
    private const long MaxPageBytes = 8L << 20;

    private readonly PipeWriter _body;
    private readonly IEventLog _log;
    private readonly IStorageSpaces _spaces;
    private readonly EventOptions _options;
    private readonly Utf8JsonWriter _json;
    private long _written;
    private long _flushed;
    private long _next;
    private long _latest;

    public ChangeFeedWriter(PipeWriter body, IEventLog log, IStorageSpaces spaces, EventOptions options)
    {
        _body = body;
        _log = log;
        _spaces = spaces;
        _options = options;
        _json = new Utf8JsonWriter(body);
        _json.WriteStartObject();
        _json.WriteStartArray("events"u8);
    }

    /// <summary>Writes the events of a page; false when the answer is long enough and its rest must be asked for again.</summary>
    public async Task<bool> WriteAsync(EventPage page, CancellationToken cancellationToken)
    {
        _latest = page.Bounds.Latest;
        foreach (LoggedEvent logged in page.Events)
        {
            if (_written >= MaxPageBytes)
            {
                return false;
            }

            WriteEvent(logged);
            _next = logged.Sequence;
            if (_json.BytesCommitted + _json.BytesPending - _flushed >= FlushBytes)
            {
                await _json.FlushAsync(cancellationToken);
                await _body.FlushAsync(cancellationToken);
                _flushed = _json.BytesCommitted;
            }
        }

        _next = page.Next;
        return true;
    }

    /// <summary>Ends the answer with the cursor to read on behind.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        _json.WriteEndArray();
        _json.WriteNumber("next"u8, _next);
        _json.WriteNumber("latest"u8, _latest);
        _json.WriteEndObject();
        await _json.FlushAsync(cancellationToken);
        await _body.FlushAsync(cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        // An answer that was cut off must not get an end that makes it look whole.
        _json.Reset();
        return _json.DisposeAsync();
    }

    private void WriteEvent(LoggedEvent logged)
    {
        byte[] data = EventData.Render(logged, _spaces);
        _json.WriteStartObject();
        _json.WriteNumber("sequence"u8, logged.Sequence);
        _json.WriteString("id"u8, EventIds.Of(_log.LogId, logged.Sequence));
        _json.WriteString("type"u8, logged.Content.Type.Name());
        _json.WriteString("source"u8, _options.Source);
        _json.WriteString("time"u8, logged.OccurredAt.UtcDateTime);
        _json.WriteString("provider"u8, logged.Study.Provider.Value);
        _json.WritePropertyName("data"u8);
        _json.WriteRawValue(data, skipInputValidation: true);
        _json.WriteEndObject();
        _written += data.Length;
    }
}
