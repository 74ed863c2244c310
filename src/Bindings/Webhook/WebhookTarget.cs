using System.Net;
using System.Text;
using System.Text.Json;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Webhook;

/// <summary>Posts events as CloudEvents 1.0 over HTTP to any subscriber, such as a Knative broker.</summary>
public sealed partial class WebhookTarget : IDeliveryTarget
{
    /// <summary>The most bytes of an answer that are read: only its status counts.</summary>
    private const int MaxAnswer = 64 << 10;

    private readonly HttpClient _http;
    private readonly TargetCaller _caller;
    private readonly CloudEventRequest _requests;
    private readonly bool _isStructured;
    private readonly IEventLog _events;
    private readonly IStorageSpaces _spaces;
    private readonly string _source;
    private readonly ILogger<WebhookTarget> _logger;

    /// <param name="options">The target and how to write to it.</param>
    /// <param name="client">Sends with the authorisation of the target; disposed with this object.</param>
    /// <param name="events">Holds the events.</param>
    /// <param name="spaces">Knows the addresses of the storage spaces.</param>
    /// <param name="source">The <c>source</c> of the events: a URI reference.</param>
    /// <param name="time">The clock of the calls.</param>
    /// <param name="logger">Logs what was delivered.</param>
    public WebhookTarget(
        WebhookBindingOptions options, HttpClient client, IEventLog events, IStorageSpaces spaces, string source, TimeProvider time,
        ILogger<WebhookTarget> logger)
    {
        _http = client;
        _caller = new TargetCaller(client, memory: null, time);
        _requests = new CloudEventRequest(
            options.Target.Endpoint, options.SigningKey is { Length: > 0 } key ? Encoding.UTF8.GetBytes(key) : null);
        _isStructured = options.IsStructured;
        _events = events;
        _spaces = spaces;
        _source = source;
        _logger = logger;
    }

    /// <inheritdoc/>
    public int BatchSize => 1;

    /// <summary>Does nothing: only an event shows whether a subscriber takes one.</summary>
    public Task ExamineAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeliveryResult>> DeliverAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
        => OneByOne.DeliverAsync(deliveries, DeliverAsync, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<DeliveryResult> DeliverAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        HttpRequestMessage request;
        try
        {
            if (await _events.FindAsync(delivery.Sequence, cancellationToken) is not { } logged)
            {
                return DeliveryResult.Gone;
            }

            byte[] data = EventData.Render(logged, _spaces);
            IEnumerable<(string, string)> attributes = CloudEventAttributes.Of(logged, _events.LogId, _source);
            request = _isStructured ? _requests.Structured(attributes, data) : _requests.Binary(attributes, data);
        }
        catch (ManifestUnavailableException)
        {
            return DeliveryResult.Retry("The event could not be read: the manifest is not available.", isTargetFault: false);
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            return DeliveryResult.Permanent("The stored event cannot be read.");
        }

        using TargetReply reply = await _caller.SendAsync(request, MaxAnswer, cancellationToken);
        if (reply.IsSuccess)
        {
            LogPosted(delivery.Sequence, reply.Code);
            return DeliveryResult.Delivered;
        }

        return Failure(reply);
    }

    /// <summary>Returns the result of a failed post.</summary>
    /// <remarks>A 4xx refuses this event for good, except statuses about the target or a setting that can be repaired.</remarks>
    private static DeliveryResult Failure(TargetReply reply)
    {
        if (reply.Status is not { } status)
        {
            return DeliveryResult.Retry($"The subscriber gave no answer: {reply.Fault}", isTargetFault: true, reply.RetryAfter);
        }

        bool isRefusal = reply.Code is >= 400 and <= 499
            && status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound
            or HttpStatusCode.RequestTimeout or (HttpStatusCode)425 or HttpStatusCode.TooManyRequests);
        string error = $"The subscriber answered {reply.Code}.";
        return isRefusal ? DeliveryResult.Permanent(error) : DeliveryResult.Retry(error, isTargetFault: true, reply.RetryAfter);
    }

    [LoggerMessage(6300, LogLevel.Debug, "The subscriber answered {Status} to event {Sequence}.")]
    private partial void LogPosted(long sequence, int status);
}
