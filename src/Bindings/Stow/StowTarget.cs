using System.Net;
using System.Net.Http.Headers;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Source;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Stow;

/// <summary>Delivers instances over STOW-RS (PS3.18 section 10.5).</summary>
/// <remarks>
/// Each passes as it is stored from the WADO-RS endpoint of its storage space to the target, several to a request, none of them held in
/// memory.
/// </remarks>
/// <param name="options">The options of the binding.</param>
/// <param name="target">Calls the target; disposed with this object.</param>
/// <param name="source">Calls the WADO-RS endpoints inside the cluster; its owner disposes it.</param>
/// <param name="spaces">Knows these endpoints.</param>
/// <param name="answers">The memory for long answers, shared by all bindings; its owner disposes it.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
public sealed partial class StowTarget(
    StowBindingOptions options, HttpClient target, HttpClient source, IStorageSpaces spaces, AnswerMemory answers, TimeProvider time,
    ILogger<StowTarget> logger) : IDeliveryTarget
{
    /// <summary>
    /// After so many failed attempts an instance gets its own request, so that one that breaks the target does not fail others.
    /// </summary>
    private const int AloneAfter = 3;

    /// <summary>After so many consecutive faults of requests with one instance, the rest of a call is not tried.</summary>
    private const int FaultsInRow = 2;

    private static readonly TimeSpan ExamineTimeout = TimeSpan.FromSeconds(10);
    private static readonly MediaTypeWithQualityHeaderValue Json = new("application/dicom+json");

    private readonly InstanceSource _source = new(source, spaces, time);
    private readonly StowVerdict _verdict = new(options.TrustsStatus);
    private readonly ILogger _logger = logger;

    public int BatchSize => options.InstancesPerRequest;

    private Uri Endpoint => options.Target.Endpoint;

    public async Task ExamineAsync(CancellationToken cancellationToken)
    {
        using Deadline deadline = new(ExamineTimeout, time, cancellationToken);
        try
        {
            HttpStatusCode status = await AskAsync(HttpMethod.Options, Endpoint, deadline.Token);
            if (status == HttpStatusCode.NotFound)
            {
                // Orthanc knows no OPTIONS and answers as for an unknown path; a search distinguishes them.
                status = await AskAsync(HttpMethod.Get, new Uri($"{Endpoint.AbsoluteUri}?limit=1"), deadline.Token);
            }

            // A target need not offer OPTIONS itself; these statuses would fail a store request as well.
            if ((int)status is >= 300 and < 400 or 401 or 403 or 404 or >= 502)
            {
                LogExamined(Endpoint.Authority, TargetFaults.Describe(status));
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The process stops, so that nobody waits for this result.
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            LogExamined(
                Endpoint.Authority, deadline.HasExpired ? "no answer in time" : TargetFaults.Describe(exception, Endpoint));
        }
    }

    public async Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        StowItem[] items = [.. deliveries.Select(delivery => new StowItem(delivery))];
        foreach (StowItem item in items.Where(item => item.Delivery.Instance is null))
        {
            item.Result = DeliveryResult.Permanent("a STOW-RS binding delivers instances, and this delivery names none");
        }

        try
        {
            await DeliverAsync(items, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogUnexpected(Endpoint.Authority, exception);
            Settle(items, DeliveryResult.Retry(
                $"an unexpected fault of the binding ({exception.GetType().Name}); the log says more", isTargetFault: false));
        }

        return [.. items.Select(item => item.Result!)];
    }

    public ValueTask DisposeAsync()
    {
        target.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<HttpStatusCode> AskAsync(HttpMethod method, Uri url, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, url);
        using HttpResponseMessage response = await target.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.StatusCode;
    }

    private static void Settle(IEnumerable<StowItem> items, DeliveryResult result)
    {
        foreach (StowItem item in items.Where(item => item.Result is null))
        {
            item.Result = result;
        }
    }

    private async Task DeliverAsync(StowItem[] items, CancellationToken cancellationToken)
    {
        HashSet<StowItem> alone = [.. items.Where(item => item.Delivery.Attempts >= AloneAfter)];
        while (items
            .Where(item => item.Result is null && !alone.Contains(item))
            .Take(options.InstancesPerRequest)
            .ToArray() is { Length: > 0 } together)
        {
            StowExchange exchange = await PostAsync(together, cancellationToken);
            if (exchange.Fault is { } fault)
            {
                Settle(items, fault);
                return;
            }

            alone.UnionWith(exchange.Undecided);
        }

        int faults = 0;
        foreach (StowItem item in items.Where(item => item.Result is null))
        {
            if (await PostAsync([item], cancellationToken) is not { Fault: { } fault })
            {
                faults = 0;
                continue;
            }

            item.Result ??= fault;
            if (++faults == FaultsInRow)
            {
                Settle(items, fault);
                return;
            }
        }
    }

    /// <summary>Sends one request with as many of the instances as fit.</summary>
    /// <remarks>Afterwards each has a result, is undecided, or waits for the next request.</remarks>
    private async Task<StowExchange> PostAsync(StowItem[] items, CancellationToken cancellationToken)
    {
        using StowRequestContent content = new(items, _source, options.BytesPerRequest);
        if (!await content.PrepareAsync(cancellationToken))
        {
            return new StowExchange(content.SourceFault, []);
        }

        using HttpRequestMessage request = new(HttpMethod.Post, Endpoint) { Content = content };
        request.Headers.Accept.Add(Json);
        try
        {
            using HttpResponseMessage response =
                await target.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (StowVerdict.IsTargetFault(response.StatusCode))
            {
                string error = $"{Endpoint.Authority} answered with {TargetFaults.Describe(response.StatusCode)}";
                return new StowExchange(
                    DeliveryResult.Retry(error, isTargetFault: true, TargetFaults.RetryAfter(response.Headers, time)), []);
            }

            // An answer before the body concerns the request as a whole.
            IReadOnlyList<StowItem> concerned = content.Sent.Count > 0 ? content.Sent : [.. items.Where(item => item.Result is null)];
            StowExchange exchange = await ReadResultsAsync(concerned, response, cancellationToken);
            return exchange with { Fault = exchange.Fault ?? content.SourceFault };
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            // A source that broke off is no fault of the target: the others go into the next request.
            bool isOfSource = content.Broken is not null || Array.TrueForAll(items, item => item.Result is not null);
            return new StowExchange(
                isOfSource ? content.SourceFault : DeliveryResult.Retry(TargetFaults.Describe(exception, Endpoint), isTargetFault: true),
                []);
        }
    }

    private async Task<StowExchange> ReadResultsAsync(
        IReadOnlyList<StowItem> sent, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using CappedBody content = await CappedBody.ReadAsync(response.Content, AnswerMemory.MaxAnswerBytes, answers, cancellationToken);
        byte[]? body = content.Bytes;
        if (body is null && response.IsSuccessStatusCode)
        {
            string error =
                $"{Endpoint.Authority} answered with more than {AnswerMemory.MaxAnswerBytes >> 20} MiB, which cannot be a store response";
            return new StowExchange(DeliveryResult.Retry(error, isTargetFault: true), []);
        }

        HttpStatusCode status = response.StatusCode;
        StowReply reply = body is null ? new StowReply() : StowReply.Parse(body);
        List<StowItem> undecided = [];
        foreach (StowItem item in sent)
        {
            item.Result = _verdict.Of(item, status, reply, sent.Count == 1);
            if (item.Result is null)
            {
                undecided.Add(item);
            }
        }

        return new StowExchange(null, undecided);
    }

    [LoggerMessage(
        6110, LogLevel.Warning, "The STOW-RS target {Authority} does not look ready: {Reason}. Deliveries wait and are tried again")]
    private partial void LogExamined(string authority, string reason);

    [LoggerMessage(6111, LogLevel.Error, "A delivery to the STOW-RS target {Authority} met an unexpected fault")]
    private partial void LogUnexpected(string authority, Exception exception);
}

/// <summary>The outcome of one store request, besides the results of its instances.</summary>
/// <param name="Fault">The result of all that is left of the call if the target or the source does not work; null if they do.</param>
/// <param name="Undecided">Instances about which the answer did not tell.</param>
internal sealed record StowExchange(DeliveryResult? Fault, IReadOnlyList<StowItem> Undecided);
