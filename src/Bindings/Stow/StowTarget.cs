using System.Net;
using System.Net.Http.Headers;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Source;
using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Stow;

/// <summary>
/// Delivers instances over STOW-RS (PS3.18 section 10.5): each passes from the WADO-RS endpoint of its storage space to the target as it is
/// stored, several to a request, none of them held in memory.
/// </summary>
/// <param name="options">Of the binding.</param>
/// <param name="target">Calls the target; disposed of with this.</param>
/// <param name="source">Calls the WADO-RS endpoints inside the cluster; left to its owner.</param>
/// <param name="spaces">Tells these endpoints.</param>
/// <param name="answers">For long answers, shared by all bindings; left to its owner.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class StowTarget(
    StowBindingOptions options, HttpClient target, HttpClient source, IStorageSpaces spaces, AnswerMemory answers, TimeProvider time,
    ILogger<StowTarget> logger) : IDeliveryTarget
{
    /// <summary>
    /// Failed attempts after which an instance goes in a request of its own, so that one at which the target breaks does not take others
    /// with it.
    /// </summary>
    private const int AloneAfter = 3;

    /// <summary>Faults in a row, of requests with one instance, after which the rest of a call is not tried.</summary>
    private const int FaultsInRow = 2;

    private static readonly TimeSpan ExamineTime = TimeSpan.FromSeconds(10);
    private static readonly MediaTypeWithQualityHeaderValue Json = new("application/dicom+json");

    private readonly InstanceSource _source = new(source, spaces, time);
    private readonly StowVerdict _verdict = new(options.TrustsStatus);

    public int BatchSize => options.InstancesPerRequest;

    private Uri Endpoint => options.Target.Endpoint;

    public async Task ExamineAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource late = new(ExamineTime, time);
        using CancellationTokenRegistration link = late.Token.Register(deadline.Cancel);
        try
        {
            HttpStatusCode status = await AskAsync(HttpMethod.Options, Endpoint, deadline.Token);
            if (status == HttpStatusCode.NotFound)
            {
                // Orthanc knows no OPTIONS and answers as for a path that is not there; a search tells them apart.
                status = await AskAsync(HttpMethod.Get, new Uri($"{Endpoint.AbsoluteUri}?limit=1"), deadline.Token);
            }

            // OPTIONS itself need not be offered; what these say would hit a store request as well.
            if ((int)status is >= 300 and < 400 or 401 or 403 or 404 or >= 502)
            {
                LogExamined(Endpoint.Authority, TargetFaults.Describe(status));
            }
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The process stops: nothing is known of the target, and nobody asks.
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            LogExamined(
                Endpoint.Authority, late.IsCancellationRequested ? "no answer in time" : TargetFaults.Describe(exception, Endpoint));
        }
    }

    public async Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        StowItem[] items = [.. deliveries.Select(delivery => new StowItem(delivery))];
        foreach (StowItem item in items.Where(item => item.Delivery.Instance is null))
        {
            item.Result = DeliveryResult.Permanent("a STOW-RS binding delivers instances, and this names none");
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

    /// <summary>
    /// Sends one request with as many of the instances as it takes. Afterwards each of them has a result, is undecided, or waits for the
    /// next request.
    /// </summary>
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

            // An answer that came before the body is about the request as a whole.
            IReadOnlyList<StowItem> judged = content.Sent.Count > 0 ? content.Sent : [.. items.Where(item => item.Result is null)];
            StowExchange exchange = await JudgeAsync(judged, response, cancellationToken);
            return exchange with { Fault = exchange.Fault ?? content.SourceFault };
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            // A source that broke off is no fault of the target: the others go in the next request.
            bool isOfSource = content.Broken is not null || Array.TrueForAll(items, item => item.Result is not null);
            return new StowExchange(
                isOfSource ? content.SourceFault : DeliveryResult.Retry(TargetFaults.Describe(exception, Endpoint), isTargetFault: true),
                []);
        }
    }

    private async Task<StowExchange> JudgeAsync(
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

    private readonly ILogger _logger = logger;

    [LoggerMessage(
        6110, LogLevel.Warning, "The STOW-RS target {Authority} does not look ready: {Reason}. Deliveries wait and are tried again")]
    private partial void LogExamined(string authority, string reason);

    [LoggerMessage(6111, LogLevel.Error, "A delivery to the STOW-RS target {Authority} met an unexpected fault")]
    private partial void LogUnexpected(string authority, Exception exception);
}

/// <summary>What one store request came to, besides the results that it gave.</summary>
/// <param name="Fault">The target or the source does not work: what goes for all that is left of the call; null when they do.</param>
/// <param name="Undecided">Instances that the answer did not tell about.</param>
internal sealed record StowExchange(DeliveryResult? Fault, IReadOnlyList<StowItem> Undecided);

/// <summary>
/// Decides from a target's answer what became of each instance of a request. An instance is delivered only if the answer names it, or is
/// nothing but a status. Where an answer about several does not tell, nothing is decided: they are sent again one by one.
/// </summary>
/// <param name="trustsStatus">A 2xx whose body names no instance counts as success.</param>
internal sealed class StowVerdict(bool trustsStatus)
{
    /// <summary>
    /// Statuses about the target or its configuration, whatever instance was sent: these heal without a word about the instances, and a
    /// wrong path or an expired token must not turn everything that waits into dead letters.
    /// </summary>
    public static bool IsTargetFault(HttpStatusCode status)
        => (int)status is >= 500 or < 200 or (>= 300 and < 400) or 401 or 403 or 404 or 405 or 406
            or 407 or 408 or 410 or 411 or 417 or 421 or 425 or 426 or 429;

    /// <summary>What became of an instance; null when the answer does not tell.</summary>
    /// <param name="item">The instance.</param>
    /// <param name="status">The status, one that is no fault of the target.</param>
    /// <param name="reply">The body.</param>
    /// <param name="isAlone">No other instance was in the request.</param>
    public DeliveryResult? Of(StowItem item, HttpStatusCode status, StowReply reply, bool isAlone)
    {
        if (reply.HasFailed(item.SopInstanceUid, out ushort? reason))
        {
            return FailureReason.Result(reason, item.Delivery);
        }

        bool isSuccess = (int)status < 300;
        if (isSuccess
            && (reply.IsEmpty || reply.IsStored(item.SopInstanceUid) || (trustsStatus && reply.NamesNothing && !reply.MentionsFailures)))
        {
            return DeliveryResult.Delivered;
        }

        if (!isAlone)
        {
            return null;
        }

        // A failure that names no instance, or another than was sent, can only be about the one that was sent.
        if (reply.HasFailures)
        {
            return FailureReason.Result(reply.FirstReason, item.Delivery);
        }

        if (status == HttpStatusCode.Conflict && reply.IsEmpty)
        {
            return FailureReason.Result(FailureReason.Duplicate, item.Delivery);
        }

        return isSuccess
            ? DeliveryResult.Retry(
                $"the target answered with status {(int)status}, but does not say that it is stored: its answer {Words(reply)}",
                isTargetFault: false)
            : DeliveryResult.Permanent($"the target refused it with {TargetFaults.Describe(status)} and gave no reason");
    }

    private static string Words(StowReply reply)
        => reply.MentionsFailures ? "speaks of failures in a form that cannot be read as DICOM JSON or XML"
            : reply.NamesNothing ? "names no instance, or is no store response (STOW_TRUST_STATUS takes such an answer as success)"
            : "names other instances only";
}
