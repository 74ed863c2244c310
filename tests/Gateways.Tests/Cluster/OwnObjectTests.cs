using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Grains;
using ImagingIngestion.TestData;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.Gateways.Tests;

/// <summary>When a gateway may delete the object that it wrote: never while some silo may still commit it.</summary>
public sealed class OwnObjectTests : IAsyncLifetime
{
    private GatewayServer _server = null!;

    public async Task InitializeAsync() => _server = await GatewayServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task An_answer_that_names_another_object_ends_the_own_one_unless_it_may_be_committed_later(bool mayCommitLater, int left)
    {
        await StoreAsync(arrival => Answer(StoreOutcome.Duplicate, arrival, "default/other.dcm", mayCommitLater));

        Assert.Equal(left, _server.Objects.Count);
    }

    [Fact]
    public async Task A_repeated_call_that_is_told_of_the_own_object_keeps_it()
    {
        StoreResult result = await StoreAsync(arrival => Answer(StoreOutcome.Duplicate, arrival, arrival.State.Object.Value, true));

        Assert.Null(result.Failure);
        Assert.Single(_server.Objects);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task A_comparison_that_fails_ends_the_object_unless_it_may_be_committed_later(bool mayCommitLater, int left)
    {
        StoreResult result = await StoreAsync(arrival => Answer(StoreOutcome.CompareContent, arrival, "default/missing.dcm", mayCommitLater));

        Assert.NotNull(result.Failure);
        Assert.Equal(left, _server.Objects.Count);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task Overload_after_a_comparison_ends_the_object_unless_it_may_be_committed_later(bool mayCommitLater, int left)
    {
        StoreResult result = await StoreAsync(
            arrival => Answer(StoreOutcome.CompareContent, arrival, arrival.State.Object.Value, mayCommitLater),
            _ => throw new GrainOverloadedException());

        Assert.NotNull(result.Failure);
        Assert.Equal(left, _server.Objects.Count);
    }

    private static StoreAnswer Answer(StoreOutcome outcome, InstanceArrival arrival, string committed, bool mayCommitLater)
        => new(outcome, arrival.State with { Object = new ObjectKey(committed) }) { MayCommitLater = mayCommitLater };

    private async Task<StoreResult> StoreAsync(params Func<InstanceArrival, StoreAnswer>[] script)
    {
        IObjectStore objects = _server.Services.GetRequiredService<IObjectStore>();
        IngestLimits limits = new();
        InstanceIngest ingest = new(objects, new AnsweringGrains(script), _server.Services.GetRequiredService<DamageReports>(), limits, new HeaderBudget(limits), TimeProvider.System, NullLogger<InstanceIngest>.Instance);
        using BodySource source = new(PipeReader.Create(new ReadOnlySequence<byte>(new TestInstance("one").ToPart10())));
        return await ingest.StoreAsync(source, new IngestContext(new ProviderName("default")), CancellationToken.None);
    }
}
