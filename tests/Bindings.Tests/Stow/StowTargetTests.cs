using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Bindings.Tests.Stow;

public sealed class StowTargetTests
{
    [Fact]
    public async Task Several_instances_go_in_one_request_byte_for_byte()
    {
        StowReceiver receiver = new();
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 5);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(5);

        Assert.All(results, result => Assert.Equal(DeliveryOutcome.Delivered, result.Outcome));
        Assert.Equal(["1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5"], Assert.Single(receiver.Requests));
        Assert.All(receiver.Lengths.Values, length => Assert.Equal(StowBench.Length, length));
        Assert.Empty(bench.Source.WrongAccepts);
    }

    [Fact]
    public async Task A_request_takes_no_further_instance_after_its_bytes()
    {
        StowReceiver receiver = new();
        await using StowBench bench =
            await StowBench.StartAsync(receiver.HandleAsync, 5, options => options with { BytesPerRequest = StowBench.Length + 1 });

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(5);

        Assert.All(results, result => Assert.Equal(DeliveryOutcome.Delivered, result.Outcome));
        Assert.Equal([2, 2, 1], receiver.Requests.Select(request => request.Count));
    }

    [Fact]
    public async Task Two_instances_of_one_uid_go_in_two_requests()
    {
        StowReceiver receiver = new();
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 2);

        IReadOnlyList<DeliveryResult> results =
            await bench.DeliverAsync(StowBench.Delivery(1), StowBench.Delivery(1, series: "1.4"), StowBench.Delivery(2));

        Assert.All(results, result => Assert.Equal(DeliveryOutcome.Delivered, result.Outcome));
        Assert.Equal([["1.2.1", "1.2.2"], ["1.2.1"]], receiver.Requests);
    }

    [Fact]
    public async Task An_instance_deleted_before_delivery_leaves_nothing_to_deliver()
    {
        StowReceiver receiver = new();
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 2);

        IReadOnlyList<DeliveryResult> results =
            await bench.DeliverAsync(StowBench.Delivery(7), StowBench.Delivery(1), StowBench.Delivery(8), StowBench.Delivery(2));

        Assert.Equal([DeliveryResult.Gone, DeliveryResult.Delivered, DeliveryResult.Gone, DeliveryResult.Delivered], results);
        Assert.Equal(["1.2.1", "1.2.2"], Assert.Single(receiver.Requests));
    }

    [Fact]
    public async Task Nothing_is_sent_when_every_instance_is_gone()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(200), 0);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(3);

        Assert.All(results, result => Assert.Same(DeliveryResult.Gone, result));
        Assert.Empty(bench.Requests);
    }

    [Fact]
    public async Task A_source_that_answers_404_to_everything_loses_nothing()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(200), 0);
        bench.Source.SearchStatus = 404;

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        Assert.Equal(DeliveryOutcome.Retry, result.Outcome);
        Assert.False(result.IsTargetFault);
        Assert.Contains("WADO_INTERNAL_ENDPOINT", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_of_a_storage_space_that_is_not_configured_waits_for_its_address()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(200), 0);
        bench.Source.IsUnknown = true;

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        Assert.Equal(DeliveryOutcome.Retry, result.Outcome);
        Assert.Contains("WADO_ENDPOINTS", result.Error, StringComparison.Ordinal);
        Assert.Empty(bench.Source.Requests);
    }

    [Fact]
    public async Task A_fetch_that_breaks_off_breaks_the_request_and_only_that_instance_waits()
    {
        StowReceiver receiver = new();
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 4);
        bench.Source.Break("1.2.2", 4 << 20, 3 << 20);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(4);

        Assert.Equal(
            [DeliveryOutcome.Delivered, DeliveryOutcome.Retry, DeliveryOutcome.Delivered, DeliveryOutcome.Delivered],
            results.Select(result => result.Outcome));
        Assert.False(results[1].IsTargetFault);
        Assert.Equal(["1.2.1", "1.2.3", "1.2.4"], Assert.Single(receiver.Requests));
        Assert.Equal(1, receiver.Broken);
    }

    [Fact]
    public async Task A_source_that_fails_for_one_instance_holds_back_only_that_one()
    {
        StowReceiver receiver = new();
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 3);
        bench.Source.Script("1.2.2", ScriptedTarget.Status(503));

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(3);

        Assert.Equal(
            [DeliveryOutcome.Delivered, DeliveryOutcome.Retry, DeliveryOutcome.Delivered], results.Select(result => result.Outcome));
        Assert.Equal(["1.2.1", "1.2.3"], Assert.Single(receiver.Requests));
    }

    [Fact]
    public async Task A_source_that_is_down_is_no_fault_of_the_target()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(200), 3);
        await bench.Source.StopAsync();

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(3);

        Assert.All(results, result => Assert.Equal((DeliveryOutcome.Retry, false), (result.Outcome, result.IsTargetFault)));
        Assert.Empty(bench.Requests);
    }

    [Fact]
    public async Task An_instance_that_failed_often_goes_alone()
    {
        StowReceiver receiver = new();
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 4);

        await bench.DeliverAsync(
            StowBench.Delivery(1), StowBench.Delivery(2, attempts: 3), StowBench.Delivery(3), StowBench.Delivery(4, attempts: 9));

        Assert.Equal([["1.2.1", "1.2.3"], ["1.2.2"], ["1.2.4"]], receiver.Requests);
    }

    [Fact]
    public async Task A_cancellation_is_thrown()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.HangAsync, 1);
        using CancellationTokenSource stop = new();
        Task<IReadOnlyList<DeliveryResult>> delivering = bench.Target.DeliverAsync([StowBench.Delivery(1)], stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delivering);
    }

    [Fact]
    public async Task A_target_that_refuses_at_first_sight_is_named_in_the_log()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(401), 0);

        await bench.Target.ExamineAsync(CancellationToken.None);

        Assert.Contains("401", Assert.Single(bench.Log.Collector.Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_does_not_offer_options_is_not_complained_of()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(StatusCodes.Status405MethodNotAllowed), 0);

        await bench.Target.ExamineAsync(CancellationToken.None);

        Assert.Empty(bench.Log.Collector.Lines());
    }

    [Fact]
    public async Task A_target_that_knows_no_options_but_answers_a_search_is_not_complained_of()
    {
        await using StowBench bench = await StowBench.StartAsync(
            context =>
            {
                context.Response.StatusCode = HttpMethods.IsGet(context.Request.Method)
                    ? StatusCodes.Status200OK
                    : StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            },
            0);

        await bench.Target.ExamineAsync(CancellationToken.None);

        Assert.Empty(bench.Log.Collector.Lines());
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_named()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(StatusCodes.Status404NotFound), 0);

        await bench.Target.ExamineAsync(CancellationToken.None);

        Assert.Contains("404", Assert.Single(bench.Log.Collector.Lines()), StringComparison.Ordinal);
    }
}
