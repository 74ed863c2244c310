using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Gateways.Tests.Stow;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Storage.TestKit;
using ImagingIngestion.TestData;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Tests.Integrity;

/// <summary>An instance is sent again after its object was lost: a row of the manifest is no proof of its object.</summary>
public sealed class RepairTests
{
    private static readonly TestInstance Instance = new(
        "lost") { Rows = 300, Columns = 300, PixelData = [.. Enumerable.Range(0, 90_000).Select(index => (byte)(index * 7))] };

    public enum Loss
    {
        Removed,
        Cut,
        Grown,
        FlippedAndFlagged,
    }

    public static TheoryData<Loss, DuplicatePolicy> LossesAndPolicies
    {
        get
        {
            TheoryData<Loss, DuplicatePolicy> data = [];
            foreach (Loss loss in Enum.GetValues<Loss>())
            {
                foreach (DuplicatePolicy policy in Enum.GetValues<DuplicatePolicy>())
                {
                    data.Add(loss, policy);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(LossesAndPolicies))]
    public async Task The_same_instance_again_takes_the_place_of_the_lost_object_without_a_revision(Loss loss, DuplicatePolicy policy)
    {
        await using GatewayServer server = await StartAsync(policy);
        InstanceState before = await StoreAndLoseAsync(server, loss);
        long events = await CountEventsAsync(server);

        StowReply reply = await server.PostAsync("/dicom-web/studies", Instance.ToPart10());

        Assert.Equal((200, 1, 0), (reply.Status, reply.Stored, reply.Warnings.Count));
        InstanceState after = Assert.Single(await server.InstancesAsync(Instance.StudyUid));
        Assert.NotEqual(before.Object, after.Object);
        Assert.Equal(before with { Object = after.Object }, after);
        Assert.Equal(events, await CountEventsAsync(server));
        Assert.Equal(Instance.ToDataSet(), (await RetrieveAsync(server))[(int)after.DataSetOffset..]);
        Assert.Equal(Instance.PixelData, await GetAsync(server, "/frames/1", "application/octet-stream; transfer-syntax=*"));
    }

    [Theory]
    [MemberData(nameof(LossesAndPolicies))]
    public async Task Other_content_is_a_modification_whatever_the_policy(Loss loss, DuplicatePolicy policy)
    {
        await using GatewayServer server = await StartAsync(policy);
        InstanceState before = await StoreAndLoseAsync(server, loss);
        TestInstance other = Instance with { PixelData = new byte[90_000] };

        StowReply reply = await server.PostAsync("/dicom-web/studies", other.ToPart10());

        Assert.Equal((200, 1, 0), (reply.Status, reply.Stored, reply.Warnings.Count));
        InstanceState after = Assert.Single(await server.InstancesAsync(Instance.StudyUid));
        Assert.NotEqual(before.Hash, after.Hash);
        Assert.Equal((before.AddedRevision, before.ChangedRevision + 1), (after.AddedRevision, after.ChangedRevision));
        Assert.Equal(other.ToDataSet(), (await RetrieveAsync(server))[(int)after.DataSetOffset..]);
    }

    [Fact]
    public async Task Damage_and_repair_are_counted_by_what_they_were()
    {
        ConcurrentBag<string> counted = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "ImagingIngestion")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>(
            (instrument, count, tags, _) => counted.Add($"{instrument.Name} {count} {tags[0].Key}={tags[0].Value}"));
        listener.Start();
        await using GatewayServer server = await StartAsync(DuplicatePolicy.Replace);
        await StoreAndLoseAsync(server, Loss.Removed);

        await server.PostAsync("/dicom-web/studies", Instance.ToPart10());

        Assert.Contains("imaging.objects.damaged 1 damage=missing", counted);
        Assert.Contains("imaging.objects.repaired 1 content=same", counted);
    }

    [Theory]
    [InlineData(Loss.Removed, DuplicatePolicy.Reject)]
    [InlineData(Loss.Cut, DuplicatePolicy.Replace)]
    [InlineData(Loss.Cut, DuplicatePolicy.KeepFirst)]
    [InlineData(Loss.FlippedAndFlagged, DuplicatePolicy.Reject)]
    public async Task Another_native_syntax_is_never_blamed_for_an_object_that_cannot_be_compared(Loss loss, DuplicatePolicy policy)
    {
        await using GatewayServer server = await StartAsync(policy);
        await StoreAndLoseAsync(server, loss);
        TestInstance other = Instance with { TransferSyntaxUid = Syntax.ImplicitLittle };

        StowReply reply = await server.PostAsync("/dicom-web/studies", other.ToPart10());

        Assert.Equal((200, 1), (reply.Status, reply.Stored));
        InstanceState after = Assert.Single(await server.InstancesAsync(Instance.StudyUid));
        Assert.Equal((Syntax.ImplicitLittle, 1), (after.TransferSyntaxUid, after.ChangedRevision));
        Assert.Equal(other.ToDataSet(), (await RetrieveAsync(server))[(int)after.DataSetOffset..]);
    }

    /// <summary>Nobody has noticed the damage before: the head of the data set cannot be parsed, or the pixels differ.</summary>
    [Theory]
    [InlineData(400)]
    [InlineData(80_000)]
    public async Task A_comparison_finds_the_damage_of_an_object_of_the_right_length(int offset)
    {
        await using GatewayServer server = await StartAsync(DuplicatePolicy.Reject);
        InstanceState before = await StoreAsync(server);
        Flip(server, before, offset);
        TestInstance other = Instance with { TransferSyntaxUid = Syntax.ImplicitLittle };

        StowReply reply = await server.PostAsync("/dicom-web/studies", other.ToPart10());

        Assert.Equal((200, 1), (reply.Status, reply.Stored));
        Assert.Equal(Syntax.ImplicitLittle, Assert.Single(await server.InstancesAsync(Instance.StudyUid)).TransferSyntaxUid);
    }

    [Fact]
    public async Task A_good_object_is_kept_against_other_content_in_another_native_syntax()
    {
        await using GatewayServer server = await StartAsync(DuplicatePolicy.Reject);
        InstanceState before = await StoreAsync(server);

        StowReply reply = await server.PostAsync(
            "/dicom-web/studies", (Instance with { TransferSyntaxUid = Syntax.ImplicitLittle, PixelData = new byte[90_000] }).ToPart10());

        Assert.Equal((409, 0x0111), (reply.Status, Assert.Single(reply.Failures)));
        Assert.Equal(before, Assert.Single(await server.InstancesAsync(Instance.StudyUid)));
        Assert.Single(server.Objects);
    }

    [Fact]
    public async Task Many_gateways_that_repair_at_once_leave_one_good_object()
    {
        await using GatewayServer server = await StartAsync(DuplicatePolicy.Replace);
        InstanceState before = await StoreAndLoseAsync(server, Loss.Removed);

        StowReply[] replies = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => server.PostAsync("/dicom-web/studies", Instance.ToPart10()))));

        Assert.All(replies, reply => Assert.Equal(200, reply.Status));
        InstanceState after = Assert.Single(await server.InstancesAsync(Instance.StudyUid));
        Assert.Equal(before with { Object = after.Object }, after);
        Assert.EndsWith(after.Object.Value, Assert.Single(server.Objects), StringComparison.Ordinal);
        Assert.Equal(Instance.ToDataSet(), (await RetrieveAsync(server))[(int)after.DataSetOffset..]);
    }

    [SuppressMessage("Usage", "VSTHRD002", Justification = "The store asks synchronously.")]
    [Fact]
    public async Task A_repair_of_an_instance_that_is_deleted_before_its_commit_stores_it_anew()
    {
        await using GatewayServer server = await StartAsync(DuplicatePolicy.Replace);
        InstanceState before = await StoreAndLoseAsync(server, Loss.Removed);
        FaultyReads faults = new(server.Services.GetRequiredService<IObjectStore>());
        StudyKey study = new(new ProviderName("default"), new StudyInstanceUid(Instance.StudyUid));
        IStudyGrain grain = server.Services.GetRequiredService<IGrainFactory>().GetStudyGrain(study);
        faults.OnFind = _ =>
        {
            Assert.Equal(1, grain.DeleteAsync(new DeleteRequest(null, null), CancellationToken.None).GetAwaiter().GetResult());
            return null;
        };
        InstanceIngest ingest = server.Ingest(faults, server.Services.GetRequiredService<IGrainFactory>());
        using BodySource source = new(
            System.IO.Pipelines.PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(Instance.ToPart10())));

        StoreResult result = await ingest.StoreAsync(source, new IngestContext(study.Provider), CancellationToken.None);

        Assert.Null(result.Failure);
        InstanceState after = Assert.Single(await server.InstancesAsync(Instance.StudyUid));
        Assert.True(after.AddedRevision > before.AddedRevision && after.AddedRevision == after.ChangedRevision);
        Assert.NotEqual(before.Object, after.Object);
    }

    private static Task<GatewayServer> StartAsync(DuplicatePolicy policy) => GatewayServer.StartAsync(
        services => services.Configure<GrainOptions>(grains => grains.RevisioningDelay = grains.MaxRevisioningDelay = TimeSpan.Zero),
        new IngestOptions { DuplicatePolicy = policy });

    /// <summary>Stores the instance and waits until its revision is closed.</summary>
    private static async Task<InstanceState> StoreAsync(GatewayServer server)
    {
        Assert.Equal(200, (await server.PostAsync("/dicom-web/studies", Instance.ToPart10())).Status);
        await server.Services.GetRequiredService<IEventLog>().WaitAsync(2, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        return Assert.Single(await server.InstancesAsync(Instance.StudyUid));
    }

    private static async Task<InstanceState> StoreAndLoseAsync(GatewayServer server, Loss loss)
    {
        InstanceState stored = await StoreAsync(server);
        string path = Path.Combine(server.ObjectsFolder, stored.Object.Value);
        switch (loss)
        {
            case Loss.Removed:
                File.Delete(path);
                break;
            case Loss.FlippedAndFlagged:
                Flip(server, stored, 80_000);
                await server.Services.GetRequiredService<IDamagedObjects>().AddAsync([stored.Object], CancellationToken.None);
                break;
            default:
                await using (FileStream file = File.OpenWrite(path))
                {
                    file.SetLength(loss == Loss.Cut ? 1000 : file.Length + 1);
                }

                break;
        }

        return stored;
    }

    private static void Flip(GatewayServer server, InstanceState stored, int offset)
    {
        string path = Path.Combine(server.ObjectsFolder, stored.Object.Value);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[offset] ^= 0x40;
        File.WriteAllBytes(path, bytes);
    }

    private static async Task<long> CountEventsAsync(GatewayServer server)
        => (await server.Services.GetRequiredService<IEventLog>().GetBoundsAsync(CancellationToken.None)).Latest;

    private static Task<byte[]> RetrieveAsync(GatewayServer server) => GetAsync(server, "", "application/dicom; transfer-syntax=*");

    private static async Task<byte[]> GetAsync(GatewayServer server, string part, string accept)
    {
        string instance = $"/dicom-web/studies/{Instance.StudyUid}/series/{Instance.SeriesUid}/instances/{Instance.SopUid}";
        using HttpRequestMessage request = new(HttpMethod.Get, instance + part);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }
}
