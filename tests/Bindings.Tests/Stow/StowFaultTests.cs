using System.Globalization;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace ImagingIngestion.Bindings.Tests.Stow;

public sealed class StowFaultTests
{
    [Fact]
    public async Task A_target_that_is_down_is_tried_again()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(200), 3);
        await bench.StopTargetAsync();

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(3);

        Assert.All(results, AssertTargetFault);
        Assert.Contains("ConnectionRefused", results[0].Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(302)]
    public async Task A_status_about_the_target_is_tried_again_for_all(int status)
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(status), 3);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(3);

        Assert.All(results, AssertTargetFault);
        Assert.Contains(status.ToString(CultureInfo.InvariantCulture), results[0].Error, StringComparison.Ordinal);
        Assert.Single(bench.Requests);
    }

    [Fact]
    public async Task Five_times_503_and_then_success_delivers()
    {
        int calls = 0;
        await using StowBench bench =
            await StowBench.StartAsync(context => ScriptedTarget.Status(Interlocked.Increment(ref calls) <= 5 ? 503 : 200)(context), 1);

        for (int attempt = 0; attempt < 5; attempt++)
        {
            AssertTargetFault(Assert.Single(await bench.DeliverAsync(StowBench.Delivery(1, attempts: attempt))));
        }

        Assert.Same(DeliveryResult.Delivered, Assert.Single(await bench.DeliverAsync(StowBench.Delivery(1, attempts: 5))));
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData("Fri, 02 Jan 2026 03:05:00 GMT", 60)]
    [InlineData("Thu, 01 Jan 2026 00:00:00 GMT", 0)]
    [InlineData("999999", 3600)]
    public async Task A_target_that_asks_to_wait_is_heard(string header, int seconds)
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero));
        await using StowBench bench = await StowBench.StartAsync(
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = header;
            },
            1,
            time: time);

        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.Single(await bench.DeliverAsync(1)).RetryAfter);
    }

    [Fact]
    public async Task A_target_that_accepts_and_then_hangs_is_given_up()
    {
        await using StowBench bench = await StowBench.StartAsync(
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                await ScriptedTarget.HangAsync(context);
            },
            1,
            options => options with { Target = options.Target with { IdleTimeout = TimeSpan.FromMilliseconds(300) } });

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        AssertTargetFault(result);
        Assert.Contains("for 0.3 s", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_takes_nothing_of_a_large_instance_is_given_up()
    {
        await using StowBench bench = await StowBench.StartAsync(
            ScriptedTarget.HangAsync,
            0,
            options => options with { Target = options.Target with { IdleTimeout = TimeSpan.FromMilliseconds(300) } });
        bench.Source.Add("1.2.1", 200L << 20);

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        AssertTargetFault(result);
        Assert.Contains("took nothing", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_closes_in_mid_body_is_tried_again()
    {
        await using StowBench bench = await StowBench.StartAsync(
            async context =>
            {
                await context.Request.Body.ReadExactlyAsync(new byte[10_000]);
                context.Abort();
            },
            2);

        Assert.All(await bench.DeliverAsync(2), AssertTargetFault);
    }

    [Fact]
    public async Task A_target_that_breaks_off_its_answer_is_tried_again()
    {
        await using StowBench bench = await StowBench.StartAsync(
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                await context.Response.WriteAsync("{\"00081199\":");
                await context.Response.Body.FlushAsync();
                context.Abort();
            },
            1);

        AssertTargetFault(Assert.Single(await bench.DeliverAsync(1)));
    }

    private static void AssertTargetFault(DeliveryResult result)
    {
        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.InRange(result.Error!.Length, 1, 1000);
    }
}
