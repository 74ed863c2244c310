using System.Buffers;
using System.IO.Pipelines;
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
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace ImagingIngestion.Gateways.Tests.Cluster;

/// <summary>When a gateway may delete the object that it wrote: never while some silo may still commit it.</summary>
public sealed class OwnObjectTests : IAsyncLifetime
{
    private static readonly ObjectKey Other = new("default/other.dcm");

    private GatewayServer _server = null!;
    private FaultyReads _faults = null!;

    public async Task InitializeAsync()
    {
        _server = await GatewayServer.StartAsync();
        _faults = new FaultyReads(_server.Services.GetRequiredService<IObjectStore>());
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_names_another_good_object_ends_the_own_one_unless_it_may_be_committed_later(bool mayCommitLater)
    {
        await StoreAsync(arrival => Answer(StoreAnswer.Kind.Duplicate, Good(arrival), mayCommitLater));

        Assert.Equal(mayCommitLater, IsOwnLeft());
    }

    [Theory]
    [InlineData(StoreAnswer.Kind.Duplicate)]
    [InlineData(StoreAnswer.Kind.KeptFirst)]
    [InlineData(StoreAnswer.Kind.Rejected)]
    [InlineData(StoreAnswer.Kind.CompareContent)]
    public async Task A_missing_object_is_named_to_the_grain_and_the_own_one_takes_its_place(StoreAnswer.Kind outcome)
    {
        StoreResult result = await StoreAsync(
            arrival => Answer(outcome, arrival.State with { Object = Other }, mayCommitLater: false),
            arrival =>
            {
                Assert.Equal((Other, null), (arrival.DamagedObject, arrival.Comparison));
                return Answer(StoreAnswer.Kind.Repaired, arrival.State, mayCommitLater: false);
            });

        Assert.Null(result.Failure);
        Assert.True(IsOwnLeft());
    }

    [Fact]
    public async Task An_object_that_somebody_else_put_in_the_place_of_the_damaged_one_is_looked_at_too()
    {
        StoreResult result = await StoreAsync(
            arrival => Answer(
                StoreAnswer.Kind.Duplicate, arrival.State with { Object = new ObjectKey("default/missing.dcm") }, mayCommitLater: false),
            arrival => Answer(StoreAnswer.Kind.Duplicate, Good(arrival), mayCommitLater: false));

        Assert.Null(result.Failure);
        Assert.False(IsOwnLeft());
    }

    [Fact]
    public async Task After_three_looks_at_damaged_objects_the_sender_is_told_to_come_later_and_the_own_object_stays()
    {
        Func<InstanceArrival, StoreAnswer>[] script =
        [
            .. Enumerable.Range(0, 4).Select(number => (Func<InstanceArrival, StoreAnswer>)(arrival =>
                Answer(
                    StoreAnswer.Kind.Duplicate,
                    arrival.State with { Object = new ObjectKey($"default/missing{number}.dcm") },
                    mayCommitLater: false))),
        ];

        StoreResult result = await StoreAsync(script);

        Assert.Equal(StoreFailure.Unavailable, result.Failure);
        Assert.True(IsOwnLeft());
    }

    [Fact]
    public async Task An_upload_that_is_too_old_for_a_repair_stays_because_it_may_be_the_only_good_object()
    {
        StoreResult result = await StoreAsync(
            arrival => Answer(StoreAnswer.Kind.Duplicate, arrival.State with { Object = Other }, mayCommitLater: false),
            arrival => Answer(StoreAnswer.Kind.UploadTooOld, arrival.State with { Object = Other }, mayCommitLater: false));

        Assert.Equal(StoreFailure.Unavailable, result.Failure);
        Assert.True(IsOwnLeft());
    }

    [Theory]
    [InlineData(ObjectStoreFault.Unavailable)]
    [InlineData(ObjectStoreFault.ReadOnly)]
    public async Task A_store_that_cannot_tell_of_the_committed_object_is_no_proof_of_a_loss(ObjectStoreFault fault)
    {
        _faults.OnFind = key => key == Other ? new ObjectStoreException(fault, "Access is denied.") : null;

        StoreResult result =
            await StoreAsync(arrival => Answer(StoreAnswer.Kind.Duplicate, arrival.State with { Object = Other }, mayCommitLater: false));

        Assert.Equal((StoreFailure.Unavailable, 0xA700), (result.Failure!.Value, result.Failure.Value.StoreStatus()));
        Assert.True(IsOwnLeft());
        Assert.False(await IsFlaggedAsync(Other));
    }

    [Fact]
    public async Task A_repeated_call_that_is_told_of_the_own_object_keeps_it()
    {
        StoreResult result = await StoreAsync(arrival => Answer(StoreAnswer.Kind.Duplicate, arrival.State, mayCommitLater: true));

        Assert.Null(result.Failure);
        Assert.True(IsOwnLeft());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_comparison_that_fails_ends_the_object_unless_it_may_be_committed_later(bool mayCommitLater)
    {
        _faults.OnOpen = key => key == Other ? new ObjectStoreException(ObjectStoreFault.Unavailable, "Not now.") : null;

        StoreResult result = await StoreAsync(arrival => Answer(StoreAnswer.Kind.CompareContent, Good(arrival), mayCommitLater));

        Assert.Equal(StoreFailure.Unavailable, result.Failure);
        Assert.Equal(mayCommitLater, IsOwnLeft());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Overload_after_a_comparison_ends_the_object_unless_it_may_be_committed_later(bool mayCommitLater)
    {
        StoreResult result = await StoreAsync(
            arrival => Answer(StoreAnswer.Kind.CompareContent, Good(arrival), mayCommitLater),
            _ => throw new GrainOverloadedException());

        Assert.NotNull(result.Failure);
        Assert.Equal(mayCommitLater, IsOwnLeft());
    }

    [Fact]
    public async Task Overload_after_a_damaged_object_was_seen_leaves_the_own_one()
    {
        StoreResult result = await StoreAsync(
            arrival => Answer(StoreAnswer.Kind.Duplicate, arrival.State with { Object = Other }, mayCommitLater: false),
            _ => throw new GrainOverloadedException());

        Assert.Equal(StoreFailure.ResourceLimitation, result.Failure);
        Assert.True(IsOwnLeft());
    }

    private static StoreAnswer Answer(StoreAnswer.Kind outcome, InstanceState committed, bool mayCommitLater)
        => new(outcome, committed) { MayCommitLater = mayCommitLater };

    /// <summary>Returns a committed row whose object is there with its length.</summary>
    private InstanceState Good(InstanceArrival arrival)
    {
        string path = Path.Combine(_server.ObjectsFolder, Other.Value);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(Path.Combine(_server.ObjectsFolder, arrival.State.Object.Value), path);
        return arrival.State with { Object = Other };
    }

    private bool IsOwnLeft() => _server.Objects.Any(path => !path.EndsWith(Other.Value, StringComparison.Ordinal));

    private async Task<bool> IsFlaggedAsync(ObjectKey key)
    {
        await using SqliteConnection manifest = new($"Data Source={_server.ManifestFile};Mode=ReadOnly");
        await manifest.OpenAsync();
        await using SqliteCommand command = new("SELECT count(*) FROM damaged_object WHERE object_key = $key", manifest);
        command.Parameters.AddWithValue("$key", key.Value);
        return (long)(await command.ExecuteScalarAsync())! > 0;
    }

    private async Task<StoreResult> StoreAsync(params Func<InstanceArrival, StoreAnswer>[] script)
    {
        InstanceIngest ingest = _server.Ingest(_faults, new AnsweringGrains(script));
        using BodySource source = new(PipeReader.Create(new ReadOnlySequence<byte>(new TestInstance("one").ToPart10())));
        return await ingest.StoreAsync(source, new IngestContext(new ProviderName("default")), CancellationToken.None);
    }
}

/// <summary>Grains that answer each arrival, in turn, as a script says.</summary>
internal sealed class AnsweringGrains(params Func<InstanceArrival, StoreAnswer>[] script) : IGrainFactory, IStudyGrain
{
    private int _next;

    public IStudyGrain GetStudyGrain(StudyKey key) => this;

    public Task<StoreAnswer> StoreInstanceAsync(InstanceArrival arrival, CancellationToken cancellationToken)
        => Task.Run(() => script[_next++](arrival), cancellationToken);

    public Task<int> DeleteAsync(DeleteRequest request, CancellationToken cancellationToken) => Task.FromResult(0);

    public Task<bool> ReviseAsync(RevisionClaim claim, CancellationToken cancellationToken) => Task.FromResult(false);
}
