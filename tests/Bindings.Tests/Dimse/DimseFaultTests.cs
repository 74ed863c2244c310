using System.Collections.Concurrent;
using ImagingIngestion.Bindings.Tests.Stow;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Tests.Dimse;

public sealed class DimseFaultTests
{
    [Theory]
    [InlineData(0x0000)]
    [InlineData(0xB000)]
    [InlineData(0xB006)]
    [InlineData(0xB007)]
    [InlineData(0x0107)]
    public async Task Success_and_warnings_are_delivered(int status)
    {
        await using DimseBench bench = await DimseBench.StartAsync(DimseBench.Answering((ushort)status));
        bench.Add(1, 1);

        Assert.Same(DeliveryResult.Delivered, Assert.Single(await bench.DeliverAsync(1, 1)));
        Assert.Equal(status != 0, bench.Log.Any(line => line.Contains($"warning {status:X4}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_duplicate_is_a_success_for_an_addition_and_a_dead_letter_for_what_replaces_other_content()
    {
        await using DimseBench bench = await DimseBench.StartAsync(DimseBench.Answering(0x0111));
        bench.Add(1, 3);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(
            StowBench.Delivery(1), StowBench.Delivery(2, ChangeKind.Modification), StowBench.Delivery(3) with { WasDelivered = true });

        Assert.Same(DeliveryResult.Delivered, results[0]);
        Assert.All(results.Skip(1), result => Assert.Equal(DeliveryOutcome.DeadLetter, result.Outcome));
        Assert.All(results.Skip(1), result => Assert.Contains("target kept other content", result.Error, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0xA700, true)]
    [InlineData(0xA7FF, true)]
    [InlineData(0x0213, true)]
    [InlineData(0xFE00, true)]
    [InlineData(0x0110, false)]
    [InlineData(0x0210, false)]
    public async Task What_may_pass_later_is_tried_again(int status, bool isTargetFault)
    {
        await using DimseBench bench = await DimseBench.StartAsync(DimseBench.Answering((ushort)status));
        bench.Add(1, 1);

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1, 1));

        Assert.Equal((DeliveryOutcome.Retry, isTargetFault), (result.Outcome, result.IsTargetFault));
        Assert.Contains($"{status:X4}", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x0112)]
    [InlineData(0x0117)]
    [InlineData(0x0119)]
    [InlineData(0x0122)]
    [InlineData(0x0124)]
    [InlineData(0x0211)]
    [InlineData(0x0212)]
    [InlineData(0xA900)]
    [InlineData(0xC000)]
    [InlineData(0xCFFF)]
    [InlineData(0x0999)]
    public async Task What_never_passes_is_a_dead_letter_that_names_the_status(int status)
    {
        await using DimseBench bench = await DimseBench.StartAsync(DimseBench.Answering((ushort)status));
        bench.Add(1, 1);

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1, 1));

        Assert.Equal(DeliveryOutcome.DeadLetter, result.Outcome);
        Assert.Contains($"{status:X4}", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RejectReason.CalledAeTitleNotRecognized)]
    [InlineData(RejectReason.LocalLimitExceeded)]
    public async Task A_target_that_rejects_associations_is_tried_again_and_asked_once_a_call(RejectReason reason)
    {
        AcceptingPolicy policy = new() { Decide = (_, _) => new(AssociationDecision.Reject(reason)) };
        await using DimseBench bench = await DimseBench.StartAsync(new StoreService(), policy: policy);
        bench.Add(1, 3);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(1, 3);

        Assert.All(results, AssertTargetFault);
        Assert.Contains(reason.ToString(), results[0].Error, StringComparison.Ordinal);
        Assert.Single(policy.Offers);
    }

    [Fact]
    public async Task A_success_for_another_instance_is_a_fault_of_the_target()
    {
        ScriptedService<CStoreRequest> script = new(async (operation, token) =>
        {
            await DimseBench.DrainAsync(operation, token);
            await operation.RespondAsync(
                new CStoreResponse { Status = DimseStatus.Success, SopClassUid = operation.Request.SopClassUid, SopInstanceUid = "1.2.9" },
                null,
                token);
        });
        await using DimseBench bench = await DimseBench.StartAsync(script);
        bench.Add(1, 1);

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1, 1));

        AssertTargetFault(result);
        Assert.Contains("another SOP Instance UID", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_is_down_is_tried_again()
    {
        await using DimseBench bench = await DimseBench.StartAsync(new StoreService());
        bench.Add(1, 2);
        await bench.Server.DisposeAsync();

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(1, 2);

        Assert.All(results, AssertTargetFault);
        Assert.Contains("ARCHIVE", results[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_aborts_in_mid_data_set_is_tried_again()
    {
        ScriptedService<CStoreRequest> script = new(async (operation, token) =>
        {
            await operation.DataSet!.ReadAsync(token);
            await operation.Association.AbortAsync(token);
        });
        await using DimseBench bench = await DimseBench.StartAsync(script);
        bench.Add(DimseBench.Instance(1, length: 50_000_000));

        AssertTargetFault(Assert.Single(await bench.DeliverAsync(1, 1)));
    }

    [Fact]
    public async Task A_data_set_of_odd_length_that_the_target_aborts_at_is_a_dead_letter()
    {
        ScriptedService<CStoreRequest> script = new((operation, token) => operation.Association.AbortAsync(token));
        await using DimseBench bench = await DimseBench.StartAsync(script);
        byte[] file = [.. DimseBench.Instance(1).ToPart10(), 0];
        bench.Source.Script("1.2.1", async context =>
        {
            context.Response.ContentType = "application/dicom";
            context.Response.ContentLength = file.Length;
            await context.Response.Body.WriteAsync(file);
        });

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1, 1));

        Assert.Equal(DeliveryOutcome.DeadLetter, result.Outcome);
        Assert.Contains("odd number of bytes", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_at_which_the_target_breaks_takes_no_other_with_it()
    {
        ConcurrentQueue<string> stored = [];
        ScriptedService<CStoreRequest> script = new(async (operation, token) =>
        {
            string sop = ((CStoreRequest)operation.Request).SopInstanceUid;
            if (sop == "1.2.2")
            {
                await operation.Association.AbortAsync(token);
                return;
            }

            await DimseBench.DrainAsync(operation, token);
            stored.Enqueue(sop);
            await DimseBench.RespondAsync(operation, 0, token);
        });
        await using DimseBench bench = await DimseBench.StartAsync(script);
        bench.Add(1, 4);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(1, 4);

        Assert.Equal(
            [DeliveryOutcome.Delivered, DeliveryOutcome.Retry, DeliveryOutcome.Delivered, DeliveryOutcome.Delivered],
            results.Select(result => result.Outcome));
        Assert.Equal(["1.2.1", "1.2.3", "1.2.4"], stored);
    }

    [Fact]
    public async Task After_two_faults_in_a_row_the_rest_of_a_call_is_not_tried()
    {
        int calls = 0;
        ScriptedService<CStoreRequest> script = new(async (operation, token) =>
        {
            Interlocked.Increment(ref calls);
            await DimseBench.DrainAsync(operation, token);
            await DimseBench.RespondAsync(operation, 0xA700, token);
        });
        await using DimseBench bench = await DimseBench.StartAsync(script);
        bench.Add(1, 5);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(1, 5);

        Assert.All(results, AssertTargetFault);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task An_association_that_the_target_closed_unnoticed_costs_no_attempt()
    {
        ConcurrentQueue<string> stored = [];
        ScriptedService<CStoreRequest> script = new(async (operation, token) =>
        {
            string sop = ((CStoreRequest)operation.Request).SopInstanceUid;
            if (sop == "1.2.2" && !stored.Contains("lost"))
            {
                stored.Enqueue("lost");
                await operation.Association.AbortAsync(token);
                return;
            }

            await DimseBench.DrainAsync(operation, token);
            stored.Enqueue(sop);
            await DimseBench.RespondAsync(operation, 0, token);
        });
        await using DimseBench bench = await DimseBench.StartAsync(script);
        bench.Add(1, 2);

        Assert.Equal([DeliveryResult.Delivered, DeliveryResult.Delivered], await bench.DeliverAsync(1, 2));
        Assert.Equal(["1.2.1", "lost", "1.2.2"], stored);
    }

    [Fact]
    public async Task A_target_that_does_not_answer_is_given_up()
    {
        ScriptedService<CStoreRequest> script = new(async (operation, token) =>
        {
            await DimseBench.DrainAsync(operation, token);
            await HangAsync(token);
        });
        await using DimseBench bench =
            await DimseBench.StartAsync(script, options => options with { ResponseTimeout = TimeSpan.FromMilliseconds(300) });
        bench.Add(1, 1);

        AssertTargetFault(Assert.Single(await bench.DeliverAsync(1, 1)));
    }

    [Fact]
    public async Task A_target_that_takes_nothing_of_a_large_instance_is_given_up()
    {
        ScriptedService<CStoreRequest> script = new((_, token) => HangAsync(token));
        await using DimseBench bench =
            await DimseBench.StartAsync(script, options => options with { IdleTimeout = TimeSpan.FromMilliseconds(300) });
        bench.Add(DimseBench.Instance(1, length: 60_000_000));

        AssertTargetFault(Assert.Single(await bench.DeliverAsync(1, 1)));
    }

    [Fact]
    public async Task A_call_that_is_cancelled_ends_and_gives_its_association_up()
    {
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptedService<CStoreRequest> script = new(async (operation, token) =>
        {
            await DimseBench.DrainAsync(operation, token);
            begun.SetResult();
            await HangAsync(token);
        });
        await using DimseBench bench = await DimseBench.StartAsync(script);
        bench.Add(1, 1);
        using CancellationTokenSource stop = new();

        Task<IReadOnlyList<DeliveryResult>> call = bench.Target.DeliverAsync([StowBench.Delivery(1)], stop.Token);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task A_look_at_the_target_says_what_is_wrong_and_nothing_when_all_is_well()
    {
        bool isRejecting = false;
        AcceptingPolicy policy = new() { Decide = (
            offer,
            _) => new(isRejecting ? AssociationDecision.Reject(RejectReason.CallingAeTitleNotRecognized) : AcceptingPolicy.Accept(offer)) };
        await using DimseBench bench = await DimseBench.StartAsync(new StoreService(), policy: policy);

        await bench.Target.ExamineAsync(CancellationToken.None);
        Assert.DoesNotContain(bench.Log, line => line.Contains("does not look ready", StringComparison.Ordinal));

        isRejecting = true;
        await bench.Target.ExamineAsync(CancellationToken.None);
        Assert.Contains(bench.Log, line => line.StartsWith("Warning 6400", StringComparison.Ordinal)
            && line.Contains("CallingAeTitleNotRecognized", StringComparison.Ordinal));

        await bench.Server.DisposeAsync();
        await bench.Target.ExamineAsync(CancellationToken.None);
        Assert.Equal(2, bench.Log.Count(line => line.StartsWith("Warning 6400", StringComparison.Ordinal)));
    }

    private static async Task HangAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource never = new();
        await never.Task.WaitAsync(cancellationToken);
    }

    private static void AssertTargetFault(DeliveryResult result)
    {
        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.InRange(result.Error!.Length, 1, 1000);
    }
}
