using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Gateways.Tests.Stow;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Storage;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Tests.Dimse;

/// <summary>The answers to C-STORE over a real association.</summary>
public sealed class StoreStatusTests
{
    private static readonly TestInstance Image = new("image") { PixelData = new byte[16] };

    public static TheoryData<Exception, int> GrainFaults => new()
    {
        { new ManifestUnavailableException("away"), 0xA700 },
        { new ManifestUnavailableException("full") { IsFull = true }, 0xA700 },
        { new GrainOverloadedException(), 0xA700 },
        { new InvalidOperationException("ours"), 0x0110 },
    };

    [Fact]
    public void Every_failure_has_a_status_that_a_c_store_may_answer()
    {
        foreach (StoreFailure failure in Enum.GetValues<StoreFailure>())
        {
            DimseStatus status = new(failure.StoreStatus());
            bool isGeneral = status.Code is 0x0110 or 0x0111 or 0x0117 or 0x0122 or 0x0124;
            bool isOfStorage = (status.Code & 0xFF00) is 0xA700 or 0xA900 || (status.Code & 0xF000) == 0xC000;
            Assert.True(status.IsFailure && (isGeneral || isOfStorage), $"{failure}: {status}");
            Assert.True(!failure.IsTransient() || status == DimseStatus.OutOfResources, $"{failure} passes, and is {status}");
        }

        foreach (StoreWarning warning in Enum.GetValues<StoreWarning>())
        {
            Assert.True(new DimseStatus((ushort)warning).IsWarning, $"{warning}");
        }
    }

    [Fact]
    public async Task A_stored_instance_is_0000_and_the_response_names_it()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();

        CStoreResponse response = await StoreAsync(server, Image);

        Assert.Equal(DimseStatus.Success, response.Status);
        Assert.Equal((Image.SopClassUid, Image.SopUid), (response.SopClassUid, response.SopInstanceUid));
        Assert.Null(response.ErrorComment);
        Assert.Single(await server.InstancesAsync(Image.StudyUid));
    }

    [Fact]
    public async Task An_odd_instance_is_stored_with_B007()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        TestInstance odd = Image with
        {
            Change = data => data.Custom(0x0009_0010, writer => writer.Element(0x0009_0010, "LO", [65, 66, 67]))
        };

        Assert.Equal(0xB007, (await StoreAsync(server, odd)).Status.Code);
    }

    [Theory]
    [InlineData(DuplicatePolicy.Replace, 0x0000)]
    [InlineData(DuplicatePolicy.KeepFirst, 0xB000)]
    [InlineData(DuplicatePolicy.Reject, 0x0111)]
    public async Task Other_content_is_answered_by_policy_and_the_same_content_is_success(DuplicatePolicy policy, int status)
    {
        await using GatewayServer server = await GatewayServer.StartAsync(ingest: new IngestOptions { DuplicatePolicy = policy });
        await StoreAsync(server, Image);

        Assert.Equal(0x0000, (await StoreAsync(server, Image)).Status.Code);
        Assert.Equal(status, (await StoreAsync(server, Image with { PatientId = "TD-2" })).Status.Code);
        Assert.Single(await server.InstancesAsync(Image.StudyUid));
    }

    [Theory]
    [InlineData("class")]
    [InlineData("instance")]
    public async Task A_data_set_that_is_not_what_the_command_says_is_A900(string what)
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        TestInstance other = what == "class"
            ? Image with { SopClassUid = "1.2.840.10008.5.1.4.1.1.2" }
            : Image with { SopUid = TestUid.Create("other") };

        CStoreResponse response = await StoreAsync(server, Image, other.ToDataSet());

        Assert.Equal(0xA900, response.Status.Code);
        Assert.InRange(response.ErrorComment!.Length, 1, 64);
        Assert.Empty(server.Objects);
    }

    [Fact]
    public async Task A_data_set_without_study_is_0117()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();

        Assert.Equal(0x0117, (await StoreAsync(server, Image with { StudyUid = "" })).Status.Code);
        Assert.Empty(server.Objects);
    }

    [Fact]
    public async Task Bytes_that_end_early_are_C000_and_the_association_goes_on()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        await using DimseSender sender = await ConnectAsync(server);

        CStoreResponse broken =
            await sender.StoreAsync(Image.SopClassUid, Image.SopUid, Image.TransferSyntaxUid, Image.ToDataSet().AsMemory()[..^3]);
        CStoreResponse whole = await sender.StoreAsync(Image.SopClassUid, Image.SopUid, Image.TransferSyntaxUid, Image.ToDataSet());

        Assert.Equal((0xC000, 0x0000), (broken.Status.Code, whole.Status.Code));
        Assert.Single(server.Objects);
    }

    [Theory]
    [InlineData(ObjectStoreFault.Full)]
    [InlineData(ObjectStoreFault.Unavailable)]
    [InlineData(ObjectStoreFault.ReadOnly)]
    public async Task An_object_store_that_cannot_take_it_is_A700(ObjectStoreFault fault)
    {
        await using GatewayServer server =
            await GatewayServer.StartAsync(replace: services => services.AddSingleton<IObjectStore>(new FaultyObjectStore(fault)));

        Assert.Equal(0xA700, (await StoreAsync(server, Image)).Status.Code);
    }

    [Fact]
    public async Task A_fault_of_reading_or_writing_that_is_ours_is_not_taken_for_the_sender()
    {
        await using GatewayServer server = await GatewayServer.StartAsync(
            replace: services => services.AddSingleton<IObjectStore>(new FaultyObjectStore(new IOException("Too many open files"))));

        Assert.Equal(0x0110, (await StoreAsync(server, Image)).Status.Code);
        StowReply reply = await server.PostAsync("/dicom-web/studies", Image.ToPart10());
        Assert.Equal(409, reply.Status);
    }

    [Theory]
    [MemberData(nameof(GrainFaults))]
    public async Task A_commit_that_fails_is_never_success(Exception fault, int status)
    {
        await using GatewayServer server =
            await GatewayServer.StartAsync(replace: services => services.AddSingleton<IGrainFactory>(new UnansweredGrains(fault)));

        Assert.Equal(status, (await StoreAsync(server, Image)).Status.Code);
    }

    [Fact]
    public async Task No_room_in_time_is_A700()
    {
        IngestLimits limits = new() { BufferBudget = 1, AdmissionWait = TimeSpan.FromMilliseconds(50) };
        await using GatewayServer server = await GatewayServer.StartAsync(services => services.AddSingleton(limits));
        using IDisposable? taken =
            await server.Services.GetRequiredService<UploadAdmission>().TryQueueAsync(null, "OTHER", CancellationToken.None);

        Assert.NotNull(taken);
        Assert.Equal(0xA700, (await StoreAsync(server, Image)).Status.Code);
        taken.Dispose();
        Assert.Equal(0x0000, (await StoreAsync(server, Image)).Status.Code);
    }

    [Fact]
    public async Task A_disk_below_the_watermark_is_A700_and_503()
    {
        await using GatewayServer server = await GatewayServer.StartAsync(
            services => services.Configure<StorageOptions>(storage => storage.MinFreeBytes = 1L << 50));

        Assert.Equal(0xA700, (await StoreAsync(server, Image)).Status.Code);
        StowReply reply = await server.PostAsync("/dicom-web/studies", Image.ToPart10());
        Assert.Equal(503, reply.Status);
        Assert.Equal([0xA700], reply.Failures);
    }

    [Fact]
    public async Task A_data_set_in_another_encoding_than_agreed_on_is_stored_as_what_it_is()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        byte[] dataSet = (Image with { TransferSyntaxUid = Syntax.ImplicitLittle }).ToDataSet();

        Assert.Equal(0xB007, (await StoreAsync(server, Image, dataSet)).Status.Code);
        Assert.Equal(Syntax.ImplicitLittle, Assert.Single(await server.InstancesAsync(Image.StudyUid)).TransferSyntaxUid);
    }

    [Fact]
    public async Task Events_name_the_calling_title()
    {
        await using GatewayServer server = await GatewayServer.StartAsync();
        await StoreAsync(server, Image, calling: "CT-ROOM-1");

        IEventLog log = server.Services.GetRequiredService<IEventLog>();
        await log.WaitAsync(0, CancellationToken.None);
        EventPage page = await log.ReadAsync(new EventQuery(0, 10, []), CancellationToken.None);

        Assert.NotEmpty(page.Events);
        Assert.All(page.Events, logged => Assert.Equal("CT-ROOM-1", logged.Content.CallingAeTitle));
    }

    private static Task<DimseSender> ConnectAsync(GatewayServer server, string calling = "TEST-SCU")
        => DimseSender.ConnectAsync(server.DimsePort, [(Image.SopClassUid, Image.TransferSyntaxUid)], calling);

    private static async Task<CStoreResponse> StoreAsync(
        GatewayServer server, TestInstance instance, byte[]? dataSet = null, string calling = "TEST-SCU")
    {
        await using DimseSender sender = await ConnectAsync(server, calling);
        return await sender.StoreAsync(instance.SopClassUid, instance.SopUid, instance.TransferSyntaxUid, dataSet ?? instance.ToDataSet());
    }
}
