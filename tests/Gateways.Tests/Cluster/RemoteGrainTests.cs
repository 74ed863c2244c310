using System.Net;
using System.Net.Sockets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Gateways.Cluster;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Grains.Study;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Tests.Cluster;

/// <summary>The reactions of a gateway to silos that misbehave.</summary>
public sealed class RemoteGrainTests
{
    private static readonly ClusterOptions Quick = new()
    {
        Key = ScriptedSilo.Key,
        Heartbeat = TimeSpan.FromMilliseconds(200),
        DeadAfter = TimeSpan.FromSeconds(30),
        Calls = new ClusterCallOptions { AttemptTimeout = TimeSpan.FromSeconds(1), Deadline = TimeSpan.FromSeconds(20) },
    };

    private static readonly GrainAnswer Deleted = new(GrainAnswerKind.Deleted) { Deleted = 3 };

    [Fact]
    public async Task A_port_that_refuses_is_passed_over()
    {
        await using ScriptedSilo second = await AnsweringAsync("second", Deleted);
        (_, IStudyGrain grain) = Grain(new ListedSilos(Nobody("first"), second.Entry), "first");

        Assert.Equal(3, await grain.DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
        Assert.Equal(1, second.Calls);
    }

    [Theory]
    [InlineData("hangs")]
    [InlineData("breaks")]
    [InlineData("stranger")]
    [InlineData("tampered")]
    [InlineData("clock")]
    [InlineData("garbage")]
    [InlineData("endless")]
    public async Task An_answer_that_is_none_sends_the_call_to_the_next_silo_and_the_first_may_still_commit(string what)
    {
        await using ScriptedSilo first = await ScriptedSilo.StartAsync("first", (silo, context) => MisbehaveAsync(silo, context, what));
        await using ScriptedSilo second = await AnsweringAsync("second", Duplicate);
        (StudyKey study, IStudyGrain grain) = Grain(new ListedSilos(first.Entry, second.Entry), "first");

        StoreAnswer answer = await grain.StoreInstanceAsync(Arrival(study), CancellationToken.None);

        Assert.Equal((1, 1), (first.Calls, second.Calls));
        Assert.Equal(StoreAnswer.Kind.Duplicate, answer.Outcome);
        Assert.True(answer.MayCommitLater);
    }

    [Theory]
    [InlineData(GrainAnswerKind.Stopping, false)]
    [InlineData(GrainAnswerKind.NotThisSilo, false)]
    [InlineData(GrainAnswerKind.NotUnderstood, false)]
    [InlineData(GrainAnswerKind.Interrupted, true)]
    public async Task A_silo_that_leaves_sends_the_call_to_the_next(GrainAnswerKind kind, bool mayCommitLater)
    {
        await using ScriptedSilo first = await AnsweringAsync("first", new GrainAnswer(kind));
        await using ScriptedSilo second = await AnsweringAsync("second", Duplicate);
        (StudyKey study, IStudyGrain grain) = Grain(new ListedSilos(first.Entry, second.Entry), "first");

        Assert.Equal(mayCommitLater, (await grain.StoreInstanceAsync(Arrival(study), CancellationToken.None)).MayCommitLater);
        Assert.Equal((1, 1), (first.Calls, second.Calls));
    }

    [Fact]
    public async Task Overload_after_an_attempt_without_an_answer_never_says_that_nothing_was_done()
    {
        await using ScriptedSilo first = await ScriptedSilo.StartAsync("first", (silo, context) => MisbehaveAsync(silo, context, "breaks"));
        await using ScriptedSilo second = await AnsweringAsync("second", new GrainAnswer(GrainAnswerKind.Overloaded));
        (StudyKey study, IStudyGrain grain) = Grain(new ListedSilos(first.Entry, second.Entry), "first");

        await Assert.ThrowsAsync<ManifestUnavailableException>(() => grain.StoreInstanceAsync(Arrival(study), CancellationToken.None));
    }

    [Fact]
    public async Task Overload_alone_is_tried_a_bounded_number_of_times()
    {
        await using ScriptedSilo first = await AnsweringAsync("first", new GrainAnswer(GrainAnswerKind.Overloaded));
        (StudyKey study, IStudyGrain grain) = Grain(new ListedSilos(first.Entry), "first");

        await Assert.ThrowsAsync<GrainOverloadedException>(() => grain.StoreInstanceAsync(Arrival(study), CancellationToken.None));
        Assert.InRange(first.Calls, 2, 10);
    }

    [Fact]
    public async Task A_silo_whose_clock_was_misjudged_is_asked_once_more()
    {
        int calls = 0;
        await using ScriptedSilo first = await ScriptedSilo.StartAsync("first", (silo, context)
            => silo.SealedAsync(context, ++calls == 1 ? new GrainAnswer(GrainAnswerKind.Stale) : Deleted));
        (_, IStudyGrain grain) = Grain(new ListedSilos(first.Entry), "first");

        Assert.Equal(3, await grain.DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
        Assert.Equal(2, first.Calls);
    }

    [Fact]
    public async Task The_deadline_is_sent_in_the_clock_of_the_silo()
    {
        long deadline = 0;
        await using ScriptedSilo first = await ScriptedSilo.StartAsync("first", (silo, context) =>
        {
            deadline = long.Parse(
                context.Request.Headers[CallHead.DeadlineHeader].ToString(), System.Globalization.CultureInfo.InvariantCulture);
            return silo.SealedAsync(context, Deleted);
        });
        (_, IStudyGrain grain) = Grain(new ListedSilos(first.Entry), "first");

        await grain.DeleteAsync(new DeleteRequest(null, null), CancellationToken.None);

        // The silo's clock stands still; the time limit began shortly before, and further attempts add the time that passed here.
        Assert.InRange(deadline - first.Clock, 1, 21_000);
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_leaves_the_silos_that_were_known()
    {
        await using ScriptedSilo first = await AnsweringAsync("first", Deleted);
        ListedSilos table = new(first.Entry);
        (_, IStudyGrain grain) = Grain(table, "first");
        await grain.DeleteAsync(new DeleteRequest(null, null), CancellationToken.None);

        table.IsAway = true;
        using PeriodicTimer pause = new(Quick.Heartbeat * 2);
        await pause.WaitForNextTickAsync();

        Assert.Equal(3, await grain.DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
        Assert.Equal(3, await grain.DeleteAsync(new DeleteRequest(null, null), CancellationToken.None));
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_not_kept()
    {
        await using ScriptedSilo first = await ScriptedSilo.StartAsync("first", (silo, context) => MisbehaveAsync(silo, context, "hangs"));
        (_, IStudyGrain grain) = Grain(new ListedSilos(first.Entry), "first");
        using CancellationTokenSource deadline = new(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grain.DeleteAsync(new DeleteRequest(null, null), deadline.Token));
    }

    private static GrainAnswer Duplicate => new(GrainAnswerKind.Stored) { Store = new StoreAnswer(StoreAnswer.Kind.Duplicate, null) };

    private static Task<ScriptedSilo> AnsweringAsync(string id, GrainAnswer answer)
        => ScriptedSilo.StartAsync(id, (silo, context) => silo.SealedAsync(context, answer));

    private static async Task MisbehaveAsync(ScriptedSilo silo, HttpContext context, string what)
    {
        switch (what)
        {
            case "hangs":
                await context.Request.Body.CopyToAsync(Stream.Null);
                await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
                break;
            case "breaks":
                await context.Request.Body.CopyToAsync(Stream.Null);
                context.Abort();
                break;
            case "stranger":
                await silo.SealedAsync(context, Duplicate, context => context.Response.Headers[CallHead.SealHeader] =
                    new CallSeal(new string('x', 40)).Of(new CallHead("", "", "", 0, false, "")));
                break;
            case "tampered":
                await silo.WriteAsync(
                    context,
                    GrainAnswerCodec.Encode(new GrainAnswer(GrainAnswerKind.ManifestUnavailable)),
                    sent: GrainAnswerCodec.Encode(Duplicate));
                break;
            case "clock":
                await silo.SealedAsync(context, Duplicate, context => context.Response.Headers[CallHead.ClockHeader] = "5");
                break;
            case "garbage":
                await silo.WriteAsync(context, new byte[] { 7, 7, 7 });
                break;
            default:
                await silo.WriteAsync(context, new byte[GrainCallLimits.MaxAnswerBytes + 1]);
                break;
        }
    }

    /// <summary>Returns an entry with a port on which nobody listens.</summary>
    private static SiloEntry Nobody(string id)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return new SiloEntry(id, $"http://127.0.0.1:{port}");
    }

    /// <summary>Returns a study that the named silo owns, and its grain.</summary>
    private static (StudyKey Study, IStudyGrain Grain) Grain(ListedSilos table, string owner)
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddSingleton<ISiloTable>(table);
        services.AddRemoteGrains(Quick);
        StudyKey study = Enumerable.Range(0, 1000)
            .Select(number => new StudyKey(new ProviderName("default"), new StudyInstanceUid($"1.2.{number}")))
            .First(study => Rendezvous.Order(study, table.Silos)[0].Id == owner);
        return (study, services.BuildServiceProvider().GetRequiredService<IGrainFactory>().GetStudyGrain(study));
    }

    private static InstanceArrival Arrival(StudyKey study) => new()
    {
        Study = study,
        State = new InstanceState
        {
            Id = new InstanceId(new SeriesInstanceUid("1.2.3"), new SopInstanceUid("1.2.3.4")),
            SopClass = new SopClassUid("1.2.840.10008.5.1.4.1.1.2"),
            TransferSyntaxUid = TransferSyntax.ExplicitVRLittleEndian.Uid,
            Hash = ContentHash.FromBytes(new byte[32]),
            Object = new ObjectKey("p/1.dcm"),
            ObjectLength = 1000,
            DataSetOffset = 300,
            ObjectChecksum = ulong.MaxValue,
            IsDamaged = true,
            StoredAt = DateTimeOffset.UnixEpoch,
        },
        Content = new InstanceContent { Attributes = new DicomDataset(), Metadata = new byte[10], Layout = new byte[2] },
        StudyAttributes = new DicomDataset(),
        SeriesAttributes = new DicomDataset(),
        UploadBegan = DateTimeOffset.UnixEpoch,
    };
}

/// <summary>A table that shows the silos which a test names.</summary>
internal sealed class ListedSilos(params SiloEntry[] silos) : ISiloTable
{
    public IReadOnlyList<SiloEntry> Silos { get; set; } = silos;

    /// <summary>The table cannot be reached.</summary>
    public bool IsAway { get; set; }

    public Task HeartbeatAsync(SiloEntry silo, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task LeaveAsync(string id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IReadOnlyList<SiloEntry>> ListLiveAsync(TimeSpan maxAge, CancellationToken cancellationToken)
        => IsAway ? throw new ManifestUnavailableException("It cannot be reached.") : Task.FromResult(Silos);
}
