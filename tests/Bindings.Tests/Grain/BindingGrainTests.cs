using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Tests.Grain;

public sealed class BindingGrainTests : IAsyncLifetime
{
    private static readonly DeliveryResult Busy = DeliveryResult.Retry("The target answered 503.", isTargetFault: true);

    private readonly BindingBench _bench = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Events_reach_the_target_and_are_settled()
    {
        AnsweredTarget target = new(_bench.Time, rule: _ => DeliveryResult.Delivered);
        await _bench.RegisterAsync(BindingBench.Archive);
        _bench.Run(BindingBench.Archive, target);

        InstanceId[] instances = await _bench.EmitNewAsync(40);
        await _bench.UntilAsync(BindingBench.Archive, status => status is { Waiting: 0, Cursor: 40 });

        Assert.Equal(instances.ToHashSet(), target.Calls.Select(call => call.Delivery.Instance!.Value).ToHashSet());
        Assert.Equal(40, target.Calls.Count);
        Assert.Equal(2, target.MostRunning);
    }

    [Fact]
    public async Task Deliveries_of_one_instance_are_serial_and_a_newer_one_supersedes_those_not_sent()
    {
        AnsweredTarget target = new(_bench.Time);
        StudyKey study = _bench.NewStudy();
        InstanceId instance = _bench.NewInstance();
        await _bench.RegisterAsync(BindingBench.Archive);
        _bench.Run(BindingBench.Archive, target);

        await _bench.EmitAsync(study, BindingBench.Available(instance));
        TargetCall first = await target.NextAsync();
        await _bench.EmitAsync(study, BindingBench.Available(instance, ChangeKind.Modification));
        await _bench.EmitAsync(study, BindingBench.Available(instance, ChangeKind.Modification));
        await _bench.EmitNewAsync(1);
        TargetCall other = await target.NextAsync();
        Assert.NotEqual(instance, other.Delivery.Instance);
        other.Answer(DeliveryResult.Delivered);
        first.Answer(DeliveryResult.Delivered);
        TargetCall last = await target.NextAsync();
        last.Answer(DeliveryResult.Delivered);
        await _bench.UntilDeliveredAsync(BindingBench.Archive);

        Assert.Equal(instance, last.Delivery.Instance);
        Assert.Equal((3L, ChangeKind.Modification), (last.Delivery.Sequence, last.Delivery.Change!.Value));
        Assert.Equal(3, target.Calls.Count);
    }

    [Fact]
    public async Task A_binding_for_every_event_delivers_each_in_order()
    {
        AnsweredTarget target = new(_bench.Time, rule: _ => DeliveryResult.Delivered);
        (StudyKey Study, InstanceId Instance)[] subjects =
        [
            .. Enumerable.Range(0, 3).Select(_ => (_bench.NewStudy(), _bench.NewInstance()))
        ];
        await _bench.RegisterAsync(BindingBench.Hook);
        for (int turn = 0; turn < 5; turn++)
        {
            foreach ((StudyKey study, InstanceId instance) in subjects)
            {
                await _bench.EmitAsync(study, BindingBench.Available(instance, turn == 0 ? ChangeKind.Addition : ChangeKind.Modification));
            }
        }

        _bench.Run(BindingBench.Hook, target);
        await _bench.UntilAsync(BindingBench.Hook, status => status is { Waiting: 0, Cursor: 15 });

        Assert.Equal(15, target.Calls.Count);
        Assert.All(
            target.Calls.GroupBy(call => call.Delivery.Study),
            calls => Assert.Equal(calls.Select(call => call.Delivery.Sequence).Order(), calls.Select(call => call.Delivery.Sequence)));
    }

    [Fact]
    public async Task A_target_that_answers_503_five_times_has_it_on_the_sixth_after_growing_pauses()
    {
        AnsweredTarget target = new(_bench.Time);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(1);
        _bench.Run(BindingBench.Archive, target);

        List<TargetCall> calls = [];
        for (int attempt = 0; attempt < 6; attempt++)
        {
            calls.Add(await target.NextAsync());
            calls[attempt].Answer(attempt < 5 ? Busy : DeliveryResult.Delivered);
        }

        await _bench.UntilDeliveredAsync(BindingBench.Archive);

        Assert.Equal([0, 1, 2, 3, 4, 5], calls.Select(call => call.Delivery.Attempts));
        double[] pauses = [.. calls.Zip(calls.Skip(1), (before, after) => (after.At - before.At).TotalMilliseconds)];
        Assert.All(
            pauses.Select((pause, index) => (pause, least: 100 * Math.Pow(2, index))),
            step => Assert.True(step.pause >= step.least - 2, $"{step.pause} ms is less than {step.least} ms"));
        Assert.Equal(0, (await _bench.StatusAsync(BindingBench.Archive)).DeadLetters);
    }

    [Fact]
    public async Task A_target_that_asks_to_wait_is_given_that_time()
    {
        AnsweredTarget target = new(_bench.Time);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(1);
        _bench.Run(BindingBench.Archive, target);

        TargetCall first = await target.NextAsync();
        first.Answer(DeliveryResult.Retry("The target answered 429.", isTargetFault: true, TimeSpan.FromSeconds(7)));
        TargetCall second = await target.NextAsync();
        second.Answer(DeliveryResult.Delivered);

        Assert.True(second.At - first.At >= TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task What_fails_too_often_is_a_dead_letter_until_it_is_replayed()
    {
        BindingOptions options = BindingBench.Archive with
        {
            Retry = new RetryOptions { FirstDelay = TimeSpan.FromMilliseconds(20), MaxAttempts = 3, BreakAfter = 1000 }
        };
        bool works = false;
        AnsweredTarget target = new(
            _bench.Time,
            rule: _ => works ? DeliveryResult.Delivered : DeliveryResult.Retry("The target\nanswered 500.", isTargetFault: false));
        await _bench.RegisterAsync(options);
        InstanceId instance = (await _bench.EmitNewAsync(1))[0];
        _bench.Run(options, target);

        await _bench.UntilAsync(options, status => status is { DeadLetters: 1, Waiting: 0 });
        DeadLetter letter = Assert.Single(await _bench.Store.Bindings.ListDeadLettersAsync(options.Name, 0, 10, CancellationToken.None));
        Assert.Equal(instance, letter.Delivery.Instance);
        Assert.Equal("The target answered 500.", letter.Error);
        Assert.Equal(3, target.Calls.Count);

        works = true;
        Assert.Equal(1, await _bench.Store.Bindings.ReplayAsync(options.Name, null, CancellationToken.None));
        await _bench.UntilAsync(options, status => status is { DeadLetters: 0, Waiting: 0 });
        Assert.Equal(4, target.Calls.Count);
        Assert.Equal(0, target.Calls.Last().Delivery.Attempts);
    }

    [Fact]
    public async Task What_will_never_pass_is_a_dead_letter_at_once_and_holds_up_nothing()
    {
        AnsweredTarget target = new(_bench.Time, rule: delivery => delivery.Sequence == 1
            ? DeliveryResult.Permanent("The target refused it with 400.")
            : DeliveryResult.Delivered);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(5);
        _bench.Run(BindingBench.Archive, target);

        await _bench.UntilAsync(BindingBench.Archive, status => status is { DeadLetters: 1, Waiting: 0 });

        Assert.Equal(5, target.Calls.Count);
    }

    [Fact]
    public async Task A_call_takes_no_more_than_the_target_says()
    {
        AnsweredTarget target = new(_bench.Time, batchSize: 7, rule: _ => DeliveryResult.Delivered);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(30);
        _bench.Run(BindingBench.Archive, target);

        await _bench.UntilDeliveredAsync(BindingBench.Archive);

        Assert.Equal(30, target.Calls.Sum(call => call.Deliveries.Count));
        Assert.Equal(7, target.Calls.Max(call => call.Deliveries.Count));
    }

    [Fact]
    public async Task Results_are_of_each_delivery_of_a_call()
    {
        AnsweredTarget target = new(_bench.Time, batchSize: 3);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(3);
        _bench.Run(BindingBench.Archive, target);

        TargetCall call = await target.NextAsync();
        call.Answer(DeliveryResult.Delivered, Busy, DeliveryResult.Permanent("No."));
        TargetCall again = await target.NextAsync();
        again.Answer(DeliveryResult.Gone);
        await _bench.UntilAsync(BindingBench.Archive, status => status is { DeadLetters: 1, Waiting: 0 });

        Assert.Equal(call.Deliveries[1].Id, again.Delivery.Id);
    }

    [Fact]
    public async Task A_target_that_throws_or_miscounts_has_failed_that_attempt_only()
    {
        AnsweredTarget target = new(_bench.Time, batchSize: 2);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(2);
        _bench.Run(BindingBench.Archive, target);

        (await target.NextAsync()).Throw(new InvalidOperationException("A mistake in the target class."));
        TargetCall second = await target.NextAsync();
        Assert.Equal(1, second.Deliveries[0].Attempts);
        second.Answer([]);
        for (int left = 2; left > 0;)
        {
            TargetCall next = await target.NextAsync();
            next.Answer(DeliveryResult.Delivered);
            left -= next.Deliveries.Count(delivery => delivery.Attempts >= 1);
        }

        await _bench.UntilDeliveredAsync(BindingBench.Archive);
    }

    [Fact]
    public async Task What_a_target_did_not_try_does_not_count()
    {
        AnsweredTarget target = new(_bench.Time);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.EmitNewAsync(1);
        _bench.Run(BindingBench.Archive, target);

        TargetCall first = await target.NextAsync();
        first.Answer(DeliveryResult.Released);
        TargetCall second = await target.NextAsync();
        second.Answer(DeliveryResult.Delivered);

        Assert.Equal(0, second.Delivery.Attempts);
        Assert.True(second.At - first.At >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_paused_binding_delivers_nothing_and_goes_on_taking_events_in()
    {
        AnsweredTarget target = new(_bench.Time, rule: _ => DeliveryResult.Delivered);
        await _bench.RegisterAsync(BindingBench.Archive);
        await _bench.Store.Bindings.SetPausedAsync("archive", true, CancellationToken.None);
        _bench.Run(BindingBench.Archive, target);

        await _bench.EmitNewAsync(1200);
        await _bench.UntilAsync(BindingBench.Archive, status => status is { Waiting: 1200, Cursor: 1200 });
        Assert.Empty(target.Calls);

        await _bench.Store.Bindings.SetPausedAsync("archive", false, CancellationToken.None);
        await _bench.UntilDeliveredAsync(BindingBench.Archive);
        Assert.Equal(1200, target.Calls.Count);
    }
}
