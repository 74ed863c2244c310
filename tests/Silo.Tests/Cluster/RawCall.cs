using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Silo.Tests.Cluster;

/// <summary>A call put together by hand, so that any part of it can be wrong.</summary>
internal sealed record RawCall
{
    public required SiloFixture Silo { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    public string Key { get; init; } = ClusterSettings.Key;

    public string? SealedSilo { get; init; }

    public string Path { get; init; } = CallHead.CallPath;

    public string Nonce { get; init; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What is sent instead of what was sealed.</summary>
    public ReadOnlyMemory<byte>? SentBody { get; init; }

    public static RawCall Storing(SiloFixture silo, InstanceArrival arrival) => new() { Silo = silo, Body = GrainCallCodec.Encode(new StoreCall(arrival)) };

    /// <summary>Status and answer; no answer where it is not sealed.</summary>
    public async Task<(HttpStatusCode Status, GrainAnswer? Answer)> SendAsync(CancellationToken cancellationToken = default)
    {
        CallSeal seal = new(Key);
        CallHead head = new(Path, SealedSilo ?? Silo.Self.Id, Nonce, Silo.Self.Clock + (long)Patience.TotalMilliseconds, false, CallSeal.HashOf(Body.Span));
        using HttpClient client = new();
        using HttpRequestMessage request = new(HttpMethod.Post, Silo.Entry.Address + Path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(SentBody ?? Body),
        };
        request.Headers.Add(CallHead.SiloHeader, head.Silo);
        request.Headers.Add(CallHead.NonceHeader, head.Nonce);
        request.Headers.Add(CallHead.DeadlineHeader, head.Deadline.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(CallHead.ForwardedHeader, "0");
        request.Headers.Add(CallHead.BodyHashHeader, head.BodyHash);
        request.Headers.Add(CallHead.SealHeader, seal.Of(head));
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (!response.Headers.TryGetValues(CallHead.SealHeader, out IEnumerable<string>? seals))
        {
            return (response.StatusCode, null);
        }

        long clock = long.Parse(response.Headers.GetValues(CallHead.ClockHeader).Single(), CultureInfo.InvariantCulture);
        Assert.Equal(seal.OfAnswer(Nonce, clock, CallSeal.HashOf(body)), seals.Single());
        return (response.StatusCode, GrainAnswerCodec.Decode(body));
    }
}
