using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Tests.Grain;

public sealed class BindingFaultTests : IAsyncLifetime
{
    private static readonly DeliveryResult Busy = DeliveryResult.Retry("The target answered 503.", isTargetFault: true);

    private readonly BindingBench _bench = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task A_target_that_does_not_work_is_left_alone_and_tried_with_one_delivery()
    {
        RetryOptions retry = new()
        {
            FirstDelay = TimeSpan.FromMilliseconds(10),
            BreakAfter = 3,
            FirstBreak = TimeSpan.FromSeconds(1),
            MaxBreak = TimeSpan.FromSeconds(4)
        };
        BindingOptions options = BindingBench.Archive with { Concurrency = 1, Retry = retry };
        AnsweredTarget target = new(_bench.Time, batchSize: 5);
        await _bench.RegisterAsync(options);
        await _bench.EmitNewAsync(20);
        _bench.Run(options, target);

        List<TargetCall> calls = [];
        for (int count = 0; count < 6; count++)
        {
            calls.Add(await target.NextAsync());
            calls[count].Answer(Busy);
        }

        // The sixth call is the third trial; the fourth one succeeds.
        TargetCall passes = await target.NextAsync();
        passes.Answer(DeliveryResult.Delivered);
        TargetCall after = await target.NextAsync();
        after.Answer(DeliveryResult.Delivered);

        Assert.Equal([1, 1, 1, 1], calls.Skip(3).Append(passes).Select(call => call.Deliveries.Count));
        Assert.True(after.Deliveries.Count > 1);
        TimeSpan[] breaks = [.. calls.Skip(2).Zip(calls.Skip(3).Append(passes), (before, next) => next.At - before.At)];
        Assert.All(
            breaks.Zip([1, 2, 4, 4]),
            step => Assert.True(step.First >= TimeSpan.FromSeconds(step.Second), $"{step.First} is less than {step.Second} s"));
    }

    [Fact]
    public async Task The_first_answer_that_asks_to_wait_holds_the_binding()
    {
        TimeSpan asked = TimeSpan.FromSeconds(70);
        BindingOptions options = BindingBench.Archive with
        {
            Concurrency = 1,
            Retry = new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(10) }
        };
        AnsweredTarget target = new(_bench.Time, batchSize: 2);
        await _bench.RegisterAsync(options);
        await _bench.EmitNewAsync(10);
        _bench.Run(options, target);

        TargetCall first = await target.NextAsync();
        first.Answer(DeliveryResult.Delivered, DeliveryResult.Retry("The target answered 503.", isTargetFault: true, asked));
        TargetCall next = await target.NextAsync();
        next.Answer(DeliveryResult.Delivered);

        Assert.True(next.At - first.At >= asked, $"The next call came after {next.At - first.At}.");
    }

    [Fact]
    public async Task What_waits_for_a_dead_target_is_not_counted_and_holds_up_no_other_binding()
    {
        const int count = 5000;
        AnsweredTarget dead = new(_bench.Time, rule: _ => Busy);
        AnsweredTarget alive = new(_bench.Time, batchSize: 20, rule: _ => DeliveryResult.Delivered);
        BindingOptions toDead = BindingBench.Archive with { Name = "dead", Retry = new RetryOptions { MaxAttempts = 100 } };
        await _bench.RegisterAsync(toDead);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(count);
        _bench.Run(toDead, dead);
        await _bench.UntilAsync(toDead, status => status.Waiting == count);

        _bench.Run(BindingBench.Archive, alive);
        await _bench.UntilDeliveredAsync(BindingBench.Archive);

        Assert.Equal(count, alive.Calls.Sum(call => call.Deliveries.Count));
        BindingStatus status = await _bench.StatusAsync(toDead);
        Assert.Equal((count, 0L), (status.Waiting, status.DeadLetters));
        Assert.InRange(dead.Calls.Count, 5, 200);
    }

    [Fact]
    public async Task A_delivery_whose_record_was_lost_is_delivered_again_when_its_lease_has_ended()
    {
        await using BindingBench bench = new(speed: 200);
        AnsweredTarget target = new(bench.Time, rule: _ => DeliveryResult.Delivered);
        await bench.RegisterAsync(BindingBench.Archive);
        await bench.EmitNewAsync(1);
        Func<Task> kill = bench.Run(BindingBench.Archive, target, new FaultyQueue(bench.Store.Deliveries) { LosesSettlements = true });
        TargetCall first = await target.NextAsync();
        await kill();

        bench.Run(BindingBench.Archive, target);
        TargetCall second = await target.NextAsync();
        await bench.UntilDeliveredAsync(BindingBench.Archive);

        Assert.Equal(first.Delivery.Id, second.Delivery.Id);
        Assert.True(second.At - first.At >= TimeSpan.FromSeconds(29), $"{second.At - first.At} is less than a lease");
        Assert.Equal(2, target.Calls.Count);
    }

    [Fact]
    public async Task A_call_that_takes_longer_than_a_lease_keeps_its_deliveries()
    {
        await using BindingBench bench = new(speed: 12);
        AnsweredTarget slow = new(bench.Time);
        AnsweredTarget other = new(bench.Time, rule: _ => DeliveryResult.Delivered);
        await bench.RegisterAsync(BindingBench.Archive);
        await bench.EmitNewAsync(1);
        bench.Run(BindingBench.Archive, slow);
        TargetCall call = await slow.NextAsync();

        bench.Run(BindingBench.Archive, other);
        await Supervision.Of(bench.Time).Loop("waiting").PauseAsync(TimeSpan.FromSeconds(45), CancellationToken.None);
        call.Answer(DeliveryResult.Delivered);
        await bench.UntilDeliveredAsync(BindingBench.Archive);

        Assert.Single(slow.Calls);
        Assert.Empty(other.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_does_not_end_in_time_at_stop_is_given_back_uncounted(bool hearsCancellation)
    {
        AnsweredTarget target = new(_bench.Time) { HearsCancellation = hearsCancellation };
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(3);
        Func<Task> stop = _bench.Run(BindingBench.Archive, target);
        await target.NextAsync();
        await target.NextAsync();
        await stop();

        List<Delivery> found = [];
        SupervisedLoop pause = Supervision.Of(_bench.Time).Loop("waiting");
        for (int looks = 0; found.Count < 3 && looks < 25; looks++)
        {
            found.AddRange((await _bench.Store.Deliveries.ClaimAsync(
                "archive", "test", TimeSpan.FromMinutes(10), 10, CancellationToken.None)).Deliveries);
            await pause.PauseAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
        }

        Assert.Equal(2, target.Calls.Count);
        Assert.Equal(3, found.Count);
        Assert.All(found, delivery => Assert.Equal(0, delivery.Attempts));
    }

    [Fact]
    public async Task A_call_that_ends_in_time_at_stop_is_recorded()
    {
        AnsweredTarget target = new(_bench.Time);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(1);
        Func<Task> stop = _bench.Run(BindingBench.Archive, target, grace: TimeSpan.FromSeconds(20));
        TargetCall call = await target.NextAsync();

        Task stopped = stop();
        call.Answer(DeliveryResult.Delivered);
        await stopped;

        Assert.Equal(0, (await _bench.StatusAsync(BindingBench.Archive)).Waiting);
    }

    [Fact]
    public async Task An_outage_of_the_store_is_survived()
    {
        FaultyQueue queue = new(_bench.Store.Deliveries) { Faults = 4 };
        AnsweredTarget target = new(_bench.Time, rule: _ => DeliveryResult.Delivered);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(1);
        _bench.Run(BindingBench.Archive, target, queue);
        await _bench.UntilDeliveredAsync(BindingBench.Archive);

        queue.Faults = 3;
        await _bench.EmitNewAsync(1);
        await _bench.UntilAsync(BindingBench.Archive, status => status is { Waiting: 0, Cursor: 2 });

        Assert.Equal(2, target.Calls.Count);
    }

    [Fact]
    public async Task A_result_that_the_store_refuses_costs_none_of_the_others()
    {
        const int count = 200;
        long refused = 0;
        AnsweredTarget target = new(_bench.Time, batchSize: count, rule: _ => DeliveryResult.Delivered);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(count);
        FaultyQueue queue = new(_bench.Store.Deliveries)
        {
            Refuses = settlement => Interlocked.CompareExchange(ref refused, settlement.Delivery.Id, 0) == 0
                || refused == settlement.Delivery.Id,
        };
        _bench.Run(BindingBench.Archive, target, queue);

        BindingStatus status = await _bench.UntilAsync(BindingBench.Archive, status => status is { Waiting: 1, Cursor: > 0 });

        Assert.Equal(0, status.DeadLetters);
    }

    [Fact]
    public async Task A_fault_whose_text_the_store_refuses_is_recorded_without_it()
    {
        AnsweredTarget target = new(_bench.Time, rule: _ => DeliveryResult.Permanent("unwritable"));
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(1);
        _bench.Run(
            BindingBench.Archive,
            target,
            new FaultyQueue(_bench.Store.Deliveries) { Refuses = settlement => settlement.Error == "unwritable" });

        await _bench.UntilAsync(BindingBench.Archive, status => status is { Waiting: 0, DeadLetters: 1 });
    }
}
