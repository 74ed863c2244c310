using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Grains.Tests.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Silo.Tests.Cluster;

public sealed class SealTests : ClusterFixture
{
    private static readonly StudyKey Key = Arrivals.Study(1);

    [Fact]
    public async Task A_call_under_another_key_is_refused_and_said_in_the_log_on_both_sides()
    {
        FakeLogCollector siloLog = new();
        FakeLogCollector gatewayLog = new();
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table, log: new FakeLoggerProvider(siloLog));
        ClusterOptions options = ClusterSettings.Default with
        {
            Key = ClusterSettings.OtherKey,
            Calls = ClusterSettings.Default.Calls with { Deadline = TimeSpan.FromSeconds(1), AttemptTimeout = TimeSpan.FromSeconds(1) }
        };
        await using GatewayFixture gateway = new(Table, options, new FakeLoggerProvider(gatewayLog));

        await Assert.ThrowsAsync<ManifestUnavailableException>(() => gateway.StoreAsync(Arrivals.Of(Key, 1)));

        Assert.Null(await Store.LoadStudyAsync(Key, CancellationToken.None));
        Assert.Contains(siloLog.Lines(), line => line.Contains("CLUSTER_KEY", StringComparison.Ordinal));
        Assert.Contains(gatewayLog.Lines(), line => line.Contains("CLUSTER_KEY", StringComparison.Ordinal));
        Assert.DoesNotContain(
            siloLog.Lines().Concat(gatewayLog.Lines()),
            line => line.Contains(ClusterSettings.Key, StringComparison.Ordinal)
            || line.Contains(ClusterSettings.OtherKey, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ClusterSettings.OtherKey, ClusterSettings.Key, ClusterSettings.Key, null)]
    [InlineData(ClusterSettings.Key, null, ClusterSettings.OtherKey, ClusterSettings.Key)]
    [InlineData(ClusterSettings.OtherKey, ClusterSettings.Key, ClusterSettings.OtherKey, ClusterSettings.Key)]
    public async Task Keys_are_replaced_while_calls_go_on(string siloKey, string? siloPrevious, string gatewayKey, string? gatewayPrevious)
    {
        await using SiloFixture silo =
            await SiloFixture.StartAsync(Store, Table, ClusterSettings.Default with { Key = siloKey, PreviousKey = siloPrevious });
        await using GatewayFixture gateway = new(Table, ClusterSettings.Default with { Key = gatewayKey, PreviousKey = gatewayPrevious });

        Assert.Equal(StoreAnswer.Kind.Added, (await gateway.StoreAsync(Arrivals.Of(Key, 1))).Outcome);
    }

    [Fact]
    public async Task A_call_that_is_sent_twice_is_taken_once()
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);
        RawCall call = RawCall.Storing(silo, Arrivals.Of(Key, 1));

        Assert.Equal(GrainAnswerKind.Stored, (await call.SendAsync()).Answer!.Kind);
        await silo.Study(Key).DeleteAsync(new DeleteRequest(null, null), CancellationToken.None);
        Assert.Equal(GrainAnswerKind.Stale, (await call.SendAsync()).Answer!.Kind);

        Assert.Empty(await Store.ListInstancesAsync(Key, null, CancellationToken.None));
    }

    [Fact]
    public async Task A_call_recorded_at_another_silo_is_none_of_this_one()
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);
        RawCall call = RawCall.Storing(silo, Arrivals.Of(Key, 1)) with { SealedSilo = "silo-other" };

        Assert.Equal(GrainAnswerKind.NotThisSilo, (await call.SendAsync()).Answer!.Kind);
        Assert.Null(await Store.LoadStudyAsync(Key, CancellationToken.None));
    }

    [Fact]
    public async Task A_call_whose_caller_left_by_the_clock_of_the_silo_is_not_begun()
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);
        RawCall call = RawCall.Storing(silo, Arrivals.Of(Key, 1));

        Assert.Equal(GrainAnswerKind.Stale, (await (call with { TimeLeft = TimeSpan.FromMilliseconds(-1) }).SendAsync()).Answer!.Kind);
        Assert.Equal(GrainAnswerKind.Stale, (await (call with { TimeLeft = TimeSpan.FromHours(1) }).SendAsync()).Answer!.Kind);
        Assert.Null(await Store.LoadStudyAsync(Key, CancellationToken.None));
    }

    [Fact]
    public async Task A_body_that_is_not_the_sealed_one_is_not_read_as_a_call()
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);
        RawCall call = RawCall.Storing(silo, Arrivals.Of(Key, 1));
        ReadOnlyMemory<byte> other = GrainCallCodec.Encode(new StoreCall(Arrivals.Of(Arrivals.Study(2), 1)));

        Assert.Equal(GrainAnswerKind.NotUnderstood, (await (call with { SentBody = other }).SendAsync()).Answer!.Kind);
        Assert.Null(await Store.LoadStudyAsync(Key, CancellationToken.None));
        Assert.Null(await Store.LoadStudyAsync(Arrivals.Study(2), CancellationToken.None));
    }

    [Fact]
    public async Task A_call_of_an_unknown_version_is_told_what_is_understood()
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);
        byte[] body = GrainCallCodec.Encode(new StoreCall(Arrivals.Of(Key, 1))).ToArray();
        body[0] = 9;

        GrainAnswer answer = (await new RawCall { Silo = silo, Body = body }.SendAsync()).Answer!;

        Assert.Equal(GrainAnswerKind.NotUnderstood, answer.Kind);
        Assert.Contains("version 9", answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_larger_than_any_call_is_refused_before_it_is_read()
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);
        RawCall call = RawCall.Storing(silo, Arrivals.Of(Key, 1));

        // The body is never sent in full: the refusal must come before it.
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20));
        (HttpStatusCode status, GrainAnswer? answer) =
            await (call with { Body = new byte[GrainCallLimits.MaxCallBytes + 1] }).SendAsync(deadline.Token);

        Assert.Equal((HttpStatusCode.OK, GrainAnswerKind.NotUnderstood), (status, answer!.Kind));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/cluster/v2/call")]
    public async Task Other_paths_do_not_exist(string path)
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);

        Assert.Equal(HttpStatusCode.NotFound, (await (RawCall.Storing(silo, Arrivals.Of(Key, 1)) with { Path = path }).SendAsync()).Status);
    }

    [Fact]
    public async Task A_stranger_gets_no_answer_that_anybody_would_believe()
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);

        (HttpStatusCode status, GrainAnswer? answer) =
            await (RawCall.Storing(silo, Arrivals.Of(Key, 1)) with { Key = ClusterSettings.OtherKey }).SendAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, status);
        Assert.Null(answer);
        Assert.Null(await Store.LoadStudyAsync(Key, CancellationToken.None));
    }

    [Fact]
    public async Task Browsers_which_speak_HTTP_1_without_TLS_are_not_understood()
    {
        await using SiloFixture silo = await SiloFixture.StartAsync(Store, Table);
        using HttpClient client = new();
        using HttpRequestMessage request = new(
            HttpMethod.Post, silo.Entry.Address + CallHead.CallPath) { Version = HttpVersion.Version11, Content = new StringContent("x") };

        using HttpResponseMessage response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }
}

/// <summary>A call made by hand, so that any part of it can be wrong.</summary>
internal sealed record RawCall
{
    public required SiloFixture Silo { get; init; }

    public required ReadOnlyMemory<byte> Body { get; init; }

    public string Key { get; init; } = ClusterSettings.Key;

    public string? SealedSilo { get; init; }

    public string Path { get; init; } = CallHead.CallPath;

    public string Nonce { get; init; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    public TimeSpan TimeLeft { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The body to send instead of the sealed one.</summary>
    public ReadOnlyMemory<byte>? SentBody { get; init; }

    public static RawCall Storing(SiloFixture silo, InstanceArrival arrival)
        => new() { Silo = silo, Body = GrainCallCodec.Encode(new StoreCall(arrival)) };

    /// <summary>Sends the call; returns the status, and the answer if it is sealed.</summary>
    public async Task<(HttpStatusCode Status, GrainAnswer? Answer)> SendAsync(CancellationToken cancellationToken = default)
    {
        CallSeal seal = new(Key);
        CallHead head = new(
            Path, SealedSilo ?? Silo.Self.Id, Nonce, Silo.Self.Clock + (long)TimeLeft.TotalMilliseconds, false, CallSeal.HashOf(Body.Span));
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
