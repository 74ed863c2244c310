using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Load.Running;

/// <summary>The targets of bindings, all in one server: each path is a target of its own.</summary>
/// <remarks>
/// It reads each body, answers 200 at once, and records the size, the time and, for CloudEvents, the delay after <c>ce-time</c>.
/// </remarks>
public sealed class DeliverySink : IAsyncDisposable
{
    private const int BufferSize = 256 << 10;

    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SinkCount> _counts = new(StringComparer.Ordinal);
    private readonly List<double> _latencies = [];

    private DeliverySink(WebApplication app) => _app = app;

    public static async Task<DeliverySink> StartAsync(int port, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.Urls.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        DeliverySink sink = new(app);
        app.Run(sink.TakeAsync);
        await app.StartAsync(cancellationToken);
        return sink;
    }

    /// <summary>Returns the times from event to delivery so far, ascending, in milliseconds, and forgets them.</summary>
    public double[] TakeLatencies()
    {
        lock (_gate)
        {
            double[] sorted = [.. _latencies];
            _latencies.Clear();
            Array.Sort(sorted);
            return sorted;
        }
    }

    /// <summary>The counts of each target so far.</summary>
    public IReadOnlyList<SinkCount> Counts
    {
        get
        {
            lock (_gate)
            {
                return [.. _counts.Values];
            }
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            _counts.Clear();
            _latencies.Clear();
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        long bytes = await DrainAsync(context.Request.Body, context.RequestAborted);
        Note(context.Request.Path.Value ?? "", bytes, context.Request.Headers["ce-time"].ToString());
    }

    private void Note(string path, long bytes, string eventTime)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        long timestamp = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            SinkCount count = _counts.GetValueOrDefault(path) ?? new SinkCount(path, 0, 0, timestamp, timestamp);
            _counts[path] = count with { Requests = count.Requests + 1, Bytes = count.Bytes + bytes, Last = timestamp };
            if (DateTimeOffset.TryParse(eventTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
            {
                _latencies.Add((now - time).TotalMilliseconds);
            }
        }
    }

    private static async Task<long> DrainAsync(Stream body, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long total = 0;
            int read;
            while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                total += read;
            }

            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>The counts of one target of a <see cref="DeliverySink"/>.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Requests">Requests read to their end.</param>
/// <param name="Bytes">Their bodies.</param>
/// <param name="First">Timestamp of the first.</param>
/// <param name="Last">Timestamp of the last.</param>
public sealed record SinkCount(string Path, long Requests, long Bytes, long First, long Last);
