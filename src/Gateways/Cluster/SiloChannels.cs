using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>
/// Calls silos over HTTP/2, over as few connections as carry the load. What is not under the seal of the cluster is no answer. A call
/// carries the end of its caller's patience in the clock of the silo, which is asked for first: a silo that was frozen meanwhile does not
/// begin it, and no two clocks need to agree.
/// </summary>
public sealed partial class SiloChannels : IDisposable
{
    private const int MaxLinks = 1024;

    private readonly ConcurrentDictionary<string, SiloLink> _links = new(StringComparer.Ordinal);
    private readonly CallSeal[] _seals;
    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger<SiloChannels> _logger;

    /// <exception cref="InvalidDataException">There is no key.</exception>
    public SiloChannels(ClusterOptions options, TimeProvider time, ILogger<SiloChannels> logger)
    {
        _seals = ClusterSeals.Of(options);
        _client = SiloHttpClient.Create(options);
        _time = time;
        _logger = logger;
    }

    /// <summary>The time of this process in milliseconds.</summary>
    public long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>One attempt at one silo.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="call">What it is asked.</param>
    /// <param name="giveUpAt">When the caller gives up, as <see cref="Now"/> tells time.</param>
    /// <param name="isForwarded">It must be decided there.</param>
    /// <param name="cancellationToken">The caller gives up earlier.</param>
    public async Task<SiloReply> CallAsync(
        SiloEntry silo, EncodedCall call, long giveUpAt, bool isForwarded, CancellationToken cancellationToken)
    {
        SiloLink link = LinkOf(silo);
        if (!link.IsSynchronised)
        {
            SiloReply clock = await SynchroniseAsync(silo, link, giveUpAt, cancellationToken);
            if (clock is not { Kind: SiloReplyKind.Answered, Answer.Kind: GrainAnswerKind.Clock })
            {
                // Nothing was asked of it yet.
                return clock.Kind == SiloReplyKind.Answered ? clock : SiloReply.NotSent(clock.Reason);
            }
        }

        CallHead head = new(CallHead.CallPath, silo.Id, NewNonce(), link.ToSiloTime(giveUpAt), isForwarded, call.BodyHash);
        return await ExchangeAsync(silo, link, head, call.Body, link.Seal!, giveUpAt, cancellationToken);
    }

    public void Dispose() => _client.Dispose();

    private SiloLink LinkOf(SiloEntry silo)
    {
        if (_links.Count > MaxLinks)
        {
            _links.Clear();
        }

        return _links.GetOrAdd(silo.Id, static _ => new SiloLink());
    }

    /// <summary>
    /// Learns the clock of a silo, and which of the keys it holds: while keys are replaced, a silo may not have the newest yet.
    /// </summary>
    private async Task<SiloReply> SynchroniseAsync(SiloEntry silo, SiloLink link, long giveUpAt, CancellationToken cancellationToken)
    {
        SiloReply reply = default;
        foreach (CallSeal seal in _seals)
        {
            CallHead head = new(CallHead.ClockPath, silo.Id, NewNonce(), 0, false, EncodedCall.Empty.BodyHash);
            reply = await ExchangeAsync(silo, link, head, default, seal, giveUpAt, cancellationToken);
            if (reply.Reason != SiloReasons.KeyRefused)
            {
                return reply;
            }
        }

        LogKeyRefused(_logger, silo.Id, silo.Address, ClusterOptions.Section[nameof(ClusterOptions.Key)].Names);
        return reply;
    }

    private async Task<SiloReply> ExchangeAsync(
        SiloEntry silo, SiloLink link, CallHead head, ReadOnlyMemory<byte> body, CallSeal seal, long giveUpAt,
        CancellationToken cancellationToken)
    {
        TimeSpan patience = TimeSpan.FromMilliseconds(giveUpAt - Now);
        if (patience <= TimeSpan.Zero)
        {
            return SiloReply.NotSent(SiloReasons.TooLate);
        }

        using CancellationTokenSource deadline = new(patience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using HttpRequestMessage request = Request(silo, head, body, seal);
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            return Read(link, head, seal, response, await response.Content.ReadAsByteArrayAsync(either.Token));
        }
        catch (HttpRequestException error)
        {
            return error.HttpRequestError is HttpRequestError.ConnectionError
                or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
                ? SiloReply.NotSent($"it cannot be reached ({error.HttpRequestError})")
                : SiloReply.Unknown($"the connection broke ({error.HttpRequestError})");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SiloReply.Unknown("it did not answer in time");
        }
        catch (IOException)
        {
            return SiloReply.Unknown("the connection broke");
        }
    }

    private SiloReply Read(SiloLink link, CallHead head, CallSeal seal, HttpResponseMessage response, byte[] body)
    {
        string? clockText = HeaderOf(response, CallHead.ClockHeader);
        bool isSealed = long.TryParse(clockText, NumberStyles.None, CultureInfo.InvariantCulture, out long clock)
            && CallSeal.AreEqual(HeaderOf(response, CallHead.SealHeader), seal.OfAnswer(head.Nonce, clock, CallSeal.HashOf(body)));
        if (!isSealed)
        {
            return SiloReply.Unknown(response.StatusCode == HttpStatusCode.Unauthorized ? SiloReasons.KeyRefused : SiloReasons.NotSealed);
        }

        try
        {
            GrainAnswer answer = GrainAnswerCodec.Decode(body);
            link.Seal = seal;
            link.Synchronise(clock, Now);
            return SiloReply.Answered(answer);
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            return SiloReply.Unknown($"its answer is not understood. {error.Message}");
        }
    }

    private static string NewNonce() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static HttpRequestMessage Request(SiloEntry silo, CallHead head, ReadOnlyMemory<byte> body, CallSeal seal)
    {
        HttpRequestMessage request = new(HttpMethod.Post, silo.Address + head.Path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Content.Headers.ContentLength = body.Length;
        request.Headers.TryAddWithoutValidation(CallHead.SiloHeader, head.Silo);
        request.Headers.TryAddWithoutValidation(CallHead.NonceHeader, head.Nonce);
        request.Headers.TryAddWithoutValidation(CallHead.DeadlineHeader, head.Deadline.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation(CallHead.ForwardedHeader, head.IsForwarded ? "1" : "0");
        request.Headers.TryAddWithoutValidation(CallHead.BodyHashHeader, head.BodyHash);
        request.Headers.TryAddWithoutValidation(CallHead.SealHeader, seal.Of(head));
        return request;
    }

    private static string? HeaderOf(HttpResponseMessage response, string name)
        => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}
