using System.IO.Hashing;
using System.Net;
using System.Net.Http.Headers;
using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.TestData;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Tests.Stow;

/// <summary>What a store request leaves in the stores.</summary>
public sealed class StowStoreTests
{
    [Fact]
    public async Task An_object_is_our_own_head_and_the_data_set_as_it_came()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        TestInstance instance = new("one") { PixelData = new byte[16] };

        await server.PostAsync("/dicom-web/studies", instance.ToPart10());

        InstanceState state = Assert.Single(await server.InstancesAsync(instance.StudyUid));
        byte[] stored = await File.ReadAllBytesAsync(Assert.Single(server.Objects));
        Assert.Matches(
            $"^[0-9a-f]{{32}}/default/{instance.StudyUid}/{instance.SeriesUid}/{instance.SopUid}/[0-9a-f]{{32}}\\.dcm$",
            state.Object.Value);
        Assert.Equal(stored.Length, state.ObjectLength);
        Assert.Equal(XxHash3.HashToUInt64(stored), state.ObjectChecksum);
        Assert.Equal(instance.ToDataSet(), stored[(int)state.DataSetOffset..]);
        Assert.All(stored[..128], value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_preamble_is_kept_only_where_that_is_set(bool isKept)
    {
        await using GatewayServer server = await GatewayServer.StartAsync(ingest: new IngestOptions { KeepPreamble = isKept });
        byte[] program = [.. "MZ"u8, .. new byte[126]];

        StowReply reply = await server.PostAsync(
            "/dicom-web/studies", [.. program, .. new TestInstance("one") { PixelData = new byte[16] }.ToPart10()[128..]]);

        byte[] stored = await File.ReadAllBytesAsync(Assert.Single(server.Objects));
        Assert.Equal(200, reply.Status);
        Assert.Equal(isKept ? program : new byte[128], stored[..128]);
    }

    [Fact]
    public async Task Sending_again_is_harmless_and_leaves_one_object()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        TestInstance instance = new("one") { PixelData = new byte[16] };
        byte[] otherHead = [.. new byte[128].Select((_, index) => (byte)index), .. instance.ToPart10()[128..]];

        Assert.Equal(200, (await server.PostAsync("/dicom-web/studies", instance.ToPart10())).Status);
        Assert.Equal(200, (await server.PostAsync("/dicom-web/studies", otherHead, instance.ToPart10())).Status);

        Assert.Single(server.Objects);
        Assert.Single(await server.InstancesAsync(instance.StudyUid));
    }

    [Theory]
    [InlineData(Syntax.ImplicitLittle)]
    [InlineData(Syntax.ExplicitBig)]
    [InlineData(Syntax.Deflated)]
    public async Task The_same_content_in_another_uncompressed_syntax_is_a_duplicate(string syntax)
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        TestInstance instance = new("one")
        {
            Rows = 300,
            Columns = 301,
            BitsAllocated = 16,
            PixelData = [.. Enumerable.Range(0, 300 * 301 * 2).Select(index => (byte)(index * 7))]
        };

        await server.PostAsync("/dicom-web/studies", instance.ToPart10());
        string first = Assert.Single(server.Objects);
        StowReply reply = await server.PostAsync("/dicom-web/studies", (instance with { TransferSyntaxUid = syntax }).ToPart10());

        Assert.Equal(200, reply.Status);
        Assert.Equal(first, Assert.Single(server.Objects));
    }

    [Fact]
    public async Task Other_pixels_in_another_uncompressed_syntax_are_a_modification()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        TestInstance instance = new("one") { Rows = 300, Columns = 300, PixelData = new byte[90_000] };
        byte[] other = new byte[90_000];
        other[80_000] = 1;

        await server.PostAsync("/dicom-web/studies", instance.ToPart10());
        await server.PostAsync(
            "/dicom-web/studies", (instance with { TransferSyntaxUid = Syntax.ImplicitLittle, PixelData = other }).ToPart10());

        Assert.Equal(Syntax.ImplicitLittle, Assert.Single(await server.InstancesAsync(instance.StudyUid)).TransferSyntaxUid);
    }

    [Theory]
    [InlineData(DuplicatePolicy.Replace, 200, 2, "2")]
    [InlineData(DuplicatePolicy.KeepFirst, 202, 1, "1")]
    [InlineData(DuplicatePolicy.Reject, 409, 1, "1")]
    public async Task Other_content_under_the_same_identity_follows_the_policy(DuplicatePolicy policy, int status, int objects, string kept)
    {
        await using GatewayServer server = await GatewayServer.StartAsync(ingest: new IngestOptions { DuplicatePolicy = policy });
        TestInstance instance = new("one") { Change = data => data.Text(Tag.InstanceNumber, "IS", "1") };

        await server.PostAsync("/dicom-web/studies", instance.ToPart10());
        string firstHash = Assert.Single(await server.InstancesAsync(instance.StudyUid)).Hash.Hex;
        StowReply reply = await server.PostAsync(
            "/dicom-web/studies", (instance with { Change = data => data.Text(Tag.InstanceNumber, "IS", "2") }).ToPart10());

        Assert.Equal(status, reply.Status);
        Assert.Equal(policy == DuplicatePolicy.Reject ? [0x0111] : [], reply.Failures);
        Assert.Equal(policy == DuplicatePolicy.KeepFirst ? [0xB000] : [], reply.Warnings);
        Assert.Equal(objects, server.Objects.Count);
        Assert.Equal(kept == "1", Assert.Single(await server.InstancesAsync(instance.StudyUid)).Hash.Hex == firstHash);
    }

    [Fact]
    public async Task An_instance_whose_uids_come_late_is_stored_without_a_name()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        TestInstance late = new("late") { Change = data => data.Bytes(0x0009_1001, "OB", new byte[6 << 20]) };

        StowReply reply = await server.PostAsync("/dicom-web/studies", late.ToPart10());

        Assert.Equal(1, reply.Stored);
        InstanceState state = Assert.Single(await server.InstancesAsync(late.StudyUid));
        Assert.Matches("^[0-9a-f]{32}/default/_unnamed/[0-9a-f]{32}\\.dcm$", state.Object.Value);
        byte[] stored = await File.ReadAllBytesAsync(Assert.Single(server.Objects));
        Assert.Equal(late.ToDataSet(), stored[(int)state.DataSetOffset..]);
        Assert.Equal(XxHash3.HashToUInt64(stored), state.ObjectChecksum);
    }

    [Theory]
    [InlineData(ObjectStoreFault.Full, 0xA700)]
    [InlineData(ObjectStoreFault.ReadOnly, 0x0110)]
    [InlineData(ObjectStoreFault.Unavailable, 0x0110)]
    public async Task A_store_that_cannot_take_anything_is_503_with_retry_after(ObjectStoreFault fault, int reason)
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        InstanceIngest ingest = server.Ingest(new FaultyObjectStore(fault), new UnansweredGrains(new InvalidOperationException()));
        using BodySource source = Source(new TestInstance("one").ToPart10());

        StoreResult result = await ingest.StoreAsync(source, new IngestContext(new ProviderName("default")), CancellationToken.None);

        Assert.Equal(reason, result.Failure!.Value.Code());
        Assert.Equal(503, new StowAnswer([result], "http://x").Status);
    }

    [Fact]
    public async Task After_a_commit_of_unknown_outcome_the_object_stays()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        IObjectStore objects = server.Services.GetRequiredService<IObjectStore>();
        using BodySource source = Source(new TestInstance("one").ToPart10());

        StoreResult result = await server.Ingest(objects, new UnansweredGrains(new ManifestUnavailableException("Lost."))).StoreAsync(
            source, new IngestContext(new ProviderName("default")), CancellationToken.None);

        Assert.True(result.Failure!.Value.IsTransient());
        Assert.Single(server.Objects);
    }

    [Fact]
    public async Task An_instance_that_no_grain_took_leaves_no_object()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        IObjectStore objects = server.Services.GetRequiredService<IObjectStore>();
        using BodySource source = Source(new TestInstance("one").ToPart10());

        StoreResult result = await server.Ingest(objects, new UnansweredGrains(new GrainOverloadedException())).StoreAsync(
            source, new IngestContext(new ProviderName("default")), CancellationToken.None);

        Assert.Equal(0x0213, result.Failure!.Value.Code());
        Assert.Empty(server.Objects);
    }

    [Fact]
    public async Task What_was_stored_is_found_and_comes_back_byte_for_byte()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        TestInstance instance = new("one") { TransferSyntaxUid = Syntax.ImplicitLittle, PixelData = new byte[16] };
        StowReply reply = await server.PostAsync("/stow-rs/studies", instance.ToPart10());
        using HttpRequestMessage request = new(
            HttpMethod.Get, reply.RetrieveUrl + $"/series/{instance.SeriesUid}/instances/{instance.SopUid}");
        request.Headers.TryAddWithoutValidation("Accept", "application/dicom; transfer-syntax=*");

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        Assert.Contains(
            instance.SopUid,
            await server.Client.GetStringAsync($"/dicom-web/instances?SOPInstanceUID={instance.SopUid}"),
            StringComparison.Ordinal);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.True((await response.Content.ReadAsByteArrayAsync()).AsSpan().EndsWith(instance.ToDataSet()));
    }

    [Fact]
    public async Task Deleting_is_204_and_then_404()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        TestInstance one = new("one");
        TestInstance two = new("two") { StudyUid = one.StudyUid };
        await server.PostAsync("/dicom-web/studies", one.ToPart10(), two.ToPart10());
        string instance = $"/dicom-web/studies/{one.StudyUid}/series/{one.SeriesUid}/instances/{one.SopUid}";

        Assert.Equal(204, (int)(await server.Client.DeleteAsync(instance)).StatusCode);
        Assert.Equal(404, (int)(await server.Client.DeleteAsync(instance)).StatusCode);
        Assert.Single(await server.InstancesAsync(one.StudyUid));
        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/wado-rs/studies/{one.StudyUid}")).StatusCode);
        Assert.Equal(400, (int)(await server.Client.DeleteAsync("/stow-rs/studies/abc")).StatusCode);
        Assert.Empty(await server.InstancesAsync(one.StudyUid));
    }

    [Fact]
    public async Task A_chunked_request_that_waits_for_100_continue_is_stored()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        using StreamContent content = new(new MemoryStream(new TestInstance("one").ToPart10()));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        using HttpRequestMessage request = new(HttpMethod.Post, "/dicom-web/studies") { Content = content };
        request.Headers.ExpectContinue = true;
        request.Headers.TransferEncodingChunked = true;

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        Assert.Equal(200, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_over_the_size_limit_is_413(bool chunked)
    {
        await using GatewayServer server = await GatewayServer.StartAsync(ingest: new IngestOptions { MaxStowSize = 10_000 });
        using StreamContent content = new(
            new MemoryStream(new TestInstance("one") { Rows = 512, Columns = 512, PixelData = new byte[512 * 512] }.ToPart10()));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        using HttpRequestMessage request = new(HttpMethod.Post, "/dicom-web/studies") { Content = content };
        request.Headers.ExpectContinue = true;
        request.Headers.TransferEncodingChunked = chunked;

        using HttpResponseMessage response = await server.Client.SendAsync(request);

        Assert.Equal(413, (int)response.StatusCode);
        Assert.Empty(server.Objects);
    }

    [Fact]
    public async Task Uploads_over_the_limits_are_told_to_come_later()
    {
        using UploadAdmission admission = new(
            2,
            new IngestLimits { AdmissionWait = TimeSpan.FromMilliseconds(20) },
            new UploadMemory(5 << 20, TimeSpan.FromMilliseconds(20), TimeProvider.System),
            TimeProvider.System);

        using IDisposable? first = await admission.TryEnterAsync(IPAddress.Loopback, CancellationToken.None);
        Assert.NotNull(first);
        Assert.Null(await admission.TryEnterAsync(IPAddress.Loopback, CancellationToken.None));
        first.Dispose();
        first.Dispose();
        using IDisposable? again = await admission.TryEnterAsync(IPAddress.Loopback, CancellationToken.None);
        Assert.NotNull(again);
    }

    [Fact]
    public async Task Thirty_two_senders_of_one_new_study_lose_nothing()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        string study = TestUid.Create("shared study");
        TestInstance[] instances = [.. Enumerable.Range(0, 64).Select(number => new TestInstance("sender " + number) { StudyUid = study })];

        StowReply[] replies = await Task.WhenAll(
            instances.Chunk(2).Select(pair => server.PostAsync("/stow-rs/studies", [.. pair.Select(instance => instance.ToPart10())])));

        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        Assert.Equal(64, (await server.InstancesAsync(study)).Count);
    }

    private static BodySource Source(byte[] bytes)
        => new(System.IO.Pipelines.PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(bytes)));
}
