using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Bindings.Tests.Fhir;

/// <summary>Several senders to one resource: a sender that continues after it lost its lease, or another system.</summary>
public sealed class FhirConcurrencyTests
{
    private static readonly TimeSpan TestTimeout = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_newer_of_two_revisions_that_race_stays(bool existsBefore)
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        await using FhirTarget other = bench.NewTarget();
        int first = 0;
        if (existsBefore)
        {
            await bench.DeliverAsync(new SampleRevision { Revision = first++ });
        }

        // Both have read before either writes.
        using Barrier2 barrier = new();
        bench.Server.BeforeWrite = _ => barrier.MeetAsync();

        Task<DeliveryResult> newer = bench.DeliverAsync(new SampleRevision { Revision = first + 1 });
        Task<DeliveryResult> older = bench.DeliverAsync(new SampleRevision { Revision = first }, other);
        DeliveryResult[] results = await Task.WhenAll(newer, older).WaitAsync(TestTimeout);

        Assert.All(results, result => Assert.Equal(DeliveryOutcome.Delivered, result.Outcome));
        Assert.Equal(first + 1, FhirBench.RevisionOf(bench.Resource()));
    }

    [Fact]
    public async Task Revisions_in_any_order_from_many_senders_never_go_back()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        FhirTarget[] targets = [.. Enumerable.Range(0, 4).Select(_ => bench.NewTarget())];
        int[] order = [.. Enumerable.Range(0, 24)];
        new Random(7).Shuffle(order);

        DeliveryResult[] results =
            await Task.WhenAll(order.Select(revision => RetryAsync(bench, targets[revision % 4], revision))).WaitAsync(TestTimeout);

        Assert.All(results, result => Assert.Equal(DeliveryOutcome.Delivered, result.Outcome));
        int[] written = [.. bench.Server.Store.Versions("1").Select(version => FhirBench.RevisionOf(version!))];
        Assert.Equal(written.Order().Distinct(), written);
        Assert.Equal(23, FhirBench.RevisionOf(bench.Resource()));
    }

    [Fact]
    public async Task A_resource_that_others_change_all_the_time_is_left_for_later()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        await bench.DeliverAsync(new SampleRevision());
        bench.Server.BeforeWrite = request =>
        {
            bench.Server.Store.Update("1", bench.Resource(), null);
            return Task.CompletedTask;
        };

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision { Revision = 1 });

        Assert.Equal((DeliveryOutcome.Retry, false), (result.Outcome, result.IsTargetFault));
        Assert.Equal(5, bench.Server.Exchanges.Count(exchange => exchange is { Method: "PUT", Status: 412 }));
    }

    [Fact]
    public async Task Conflicts_answered_as_409_are_read_again_too()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        await bench.DeliverAsync(new SampleRevision());
        bench.Server.Fail(new FhirFault { Method = "PUT", Status = 409 });

        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision { Revision = 1 })).Outcome);

        Assert.Equal("2", FhirBench.VersionOf(bench.Resource()));
    }

    /// <summary>Delivers as the binding does after a retry.</summary>
    private static async Task<DeliveryResult> RetryAsync(FhirBench bench, FhirTarget target, int revision)
    {
        for (int attempt = 0; ; attempt++)
        {
            DeliveryResult result = await bench.DeliverAsync(new SampleRevision { Revision = revision }, target);
            if (result.Outcome != DeliveryOutcome.Retry || attempt == 30)
            {
                return result;
            }
        }
    }

    /// <summary>Delays the first of two until the second arrives; then lets everything pass.</summary>
    private sealed class Barrier2 : IDisposable
    {
        private readonly TaskCompletionSource _both = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _arrived;

        public Task MeetAsync()
        {
            if (Interlocked.Increment(ref _arrived) >= 2)
            {
                _both.TrySetResult();
            }

            return _both.Task;
        }

        public void Dispose() => _both.TrySetResult();
    }
}
