using System.Globalization;
using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Grains.Study;

namespace ImagingIngestion.Silo.Cluster;

/// <summary>
/// Takes grain calls over HTTP. Before a call is under the seal of the cluster nothing of its body is read; a call is taken once, and only
/// while its caller waits by the clock of this silo.
/// </summary>
internal sealed partial class CallReception(
    ClusterOptions options, SiloSelf self, CallAdmission admission, CallDispatcher dispatcher, TimeProvider time,
    ILogger<CallReception> logger)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ComplainEvery = TimeSpan.FromSeconds(5);

    private readonly CallSeal[] _seals = ClusterSeals.Of(options);
    private readonly ReplayGuard _seen = new();
    private long _complainedAt = -1;

    public async Task HandleAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (request.Path.Value is not (CallHead.CallPath or CallHead.ClockPath) || !HttpMethods.IsPost(request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (CallHeadReader.Read(request) is not { } head
            || FindSeal(head, CallHeadReader.Value(request, CallHead.SealHeader)) is not { } seal)
        {
            Complain(context);
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (head.Path == CallHead.ClockPath)
        {
            await AnswerAsync(
                context,
                head,
                seal,
                head.Silo == self.Id ? new GrainAnswer(GrainAnswerKind.Clock) : new GrainAnswer(GrainAnswerKind.NotThisSilo));
            return;
        }

        if (WhyNot(head, request.ContentLength) is { } refusal)
        {
            await AnswerAsync(context, head, seal, refusal);
            return;
        }

        await TakeAsync(context, head, seal, (int)request.ContentLength!.Value);
    }

    private async Task TakeAsync(HttpContext context, CallHead head, CallSeal seal, int length)
    {
        if (!admission.TryEnter(length))
        {
            GrainAnswerKind kind = admission.IsLeaving ? GrainAnswerKind.Stopping : GrainAnswerKind.Overloaded;
            await AnswerAsync(context, head, seal, new GrainAnswer(kind) { RetryAfter = RetryAfter });
            return;
        }

        try
        {
            using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(Math.Max(1, head.Deadline - self.Clock)), time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, context.RequestAborted);
            byte[] body = new byte[length];
            await context.Request.Body.ReadExactlyAsync(body, either.Token);
            GrainAnswer answer = CallSeal.HashOf(body) == head.BodyHash
                ? await dispatcher.CallAsync(body, CallerOf(head, either.Token), either.Token)
                : new GrainAnswer(GrainAnswerKind.NotUnderstood) { Detail = "The body is another one than the seal says." };
            await AnswerAsync(context, head, seal, answer);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or BadHttpRequestException)
        {
            // The caller is gone, or no longer waits; it knows that the outcome is open.
            context.Abort();
        }
        finally
        {
            admission.Leave(length);
        }
    }

    private TurnCaller CallerOf(CallHead head, CancellationToken token) => new(token)
    {
        Clock = time,
        GivesUpAt = time.GetTimestamp() + (long)((head.Deadline - self.Clock) / 1000.0 * time.TimestampFrequency),
        IsForwarded = head.IsForwarded,
    };

    /// <summary>Why a sealed call is not taken, if so.</summary>
    private GrainAnswer? WhyNot(CallHead head, long? length)
    {
        long now = self.Clock;
        if (head.Silo != self.Id)
        {
            return new GrainAnswer(GrainAnswerKind.NotThisSilo);
        }

        if (admission.IsLeaving)
        {
            return new GrainAnswer(GrainAnswerKind.Stopping);
        }

        if (length is null or > GrainCallLimits.MaxCallBytes)
        {
            return new GrainAnswer(GrainAnswerKind.NotUnderstood)
            {
                Detail = $"A call names its length, up to {GrainCallLimits.MaxCallBytes} bytes."
            };
        }

        return head.Deadline <= now
            || head.Deadline > now + GrainCallLimits.MaxPatience.TotalMilliseconds
            || !_seen.TryAdd(head.Nonce, head.Deadline, now)
            ? new GrainAnswer(GrainAnswerKind.Stale)
            : null;
    }

    private CallSeal? FindSeal(CallHead head, string given) => _seals.FirstOrDefault(seal => CallSeal.AreEqual(given, seal.Of(head)));

    private async Task AnswerAsync(HttpContext context, CallHead head, CallSeal seal, GrainAnswer answer)
    {
        ReadOnlyMemory<byte> body = GrainAnswerCodec.Encode(answer);
        long clock = self.Clock;
        HttpResponse response = context.Response;
        if (answer.Kind is GrainAnswerKind.Overloaded or GrainAnswerKind.Stopping)
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            response.Headers.RetryAfter = "1";
        }

        response.ContentLength = body.Length;
        response.ContentType = "application/octet-stream";
        response.Headers[CallHead.ClockHeader] = clock.ToString(CultureInfo.InvariantCulture);
        response.Headers[CallHead.SealHeader] = seal.OfAnswer(head.Nonce, clock, CallSeal.HashOf(body.Span));
        await response.Body.WriteAsync(body, CancellationToken.None);
    }

    /// <summary>Says once in a while that somebody calls without the key, so that a stranger cannot fill the log.</summary>
    private void Complain(HttpContext context)
    {
        long last = Interlocked.Read(ref _complainedAt);
        long now = time.GetTimestamp();
        if ((last < 0 || time.GetElapsedTime(last, now) >= ComplainEvery)
            && Interlocked.CompareExchange(ref _complainedAt, now, last) == last)
        {
            LogNotSealed(
                logger, context.Connection.RemoteIpAddress?.ToString() ?? "", ClusterOptions.Section[nameof(ClusterOptions.Key)].Names);
        }
    }
}
