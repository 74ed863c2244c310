using System.Globalization;
using System.Text.Json.Nodes;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Bindings.Tests.Stow;

public sealed class StowAnswerTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(409)]
    public async Task A_failure_of_one_of_several_is_that_one_alone(int status)
    {
        StowReceiver receiver = new((
            context,
            all) => StoreResponse.WriteAsync(context, status, StoreResponse.Json(all.Where(sop => sop != "1.2.2"), ("1.2.2", 0x0122))));
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 3);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(3);

        Assert.Equal(DeliveryOutcome.DeadLetter, results[1].Outcome);
        Assert.Contains("SOP class not supported (0x0122)", results[1].Error, StringComparison.Ordinal);
        if (status < 300)
        {
            Assert.Same(DeliveryResult.Delivered, results[0]);
            Assert.Same(DeliveryResult.Delivered, results[2]);
            Assert.Single(receiver.Requests);
        }
    }

    [Fact]
    public async Task An_answer_in_xml_is_read_as_well()
    {
        StowReceiver receiver = new((context, _) => StoreResponse.WriteAsync(context, 202, StoreResponse.Xml("1.2.1", 0xA701)));
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 1);

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        Assert.Equal((DeliveryOutcome.Retry, false), (result.Outcome, result.IsTargetFault));
        Assert.Contains("out of resources (0xA701)", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x0111)]
    [InlineData(45070)]
    public async Task A_duplicate_is_success_for_an_addition_and_a_dead_letter_for_what_replaces_other_content(int reason)
    {
        StowReceiver receiver = new((
            context,
            all) => StoreResponse.WriteAsync(context, 409, StoreResponse.Json([], [.. all.Select(sop => ((string?)sop, (int?)reason))])));
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 3);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(
            StowBench.Delivery(1), StowBench.Delivery(2, ChangeKind.Modification), StowBench.Delivery(3) with { WasDelivered = true });

        Assert.Same(DeliveryResult.Delivered, results[0]);
        Assert.All(results.Skip(1), result => Assert.Equal(DeliveryOutcome.DeadLetter, result.Outcome));
        Assert.All(results.Skip(1), result => Assert.StartsWith("target kept other content", result.Error, StringComparison.Ordinal));
        Assert.Single(receiver.Requests);
    }

    [Theory]
    [InlineData(0x0110, DeliveryOutcome.Retry)]
    [InlineData(0xA700, DeliveryOutcome.Retry)]
    [InlineData(0x0213, DeliveryOutcome.Retry)]
    [InlineData(45071, DeliveryOutcome.Retry)]
    [InlineData(null, DeliveryOutcome.Retry)]
    [InlineData(0xA900, DeliveryOutcome.DeadLetter)]
    [InlineData(0xC000, DeliveryOutcome.DeadLetter)]
    [InlineData(0x0117, DeliveryOutcome.DeadLetter)]
    [InlineData(0x0124, DeliveryOutcome.DeadLetter)]
    [InlineData(0x7777, DeliveryOutcome.DeadLetter)]
    public async Task The_reason_decides_whether_it_is_tried_again(int? reason, DeliveryOutcome expected)
    {
        StowReceiver receiver = new((context, _) => StoreResponse.WriteAsync(context, 200, StoreResponse.Json([], ("1.2.1", reason))));
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 1);

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        Assert.Equal((expected, false), (result.Outcome, result.IsTargetFault));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n")]
    public async Task Success_without_a_body_is_success(string body)
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(200, body), 2);

        Assert.All(await bench.DeliverAsync(2), result => Assert.Same(DeliveryResult.Delivered, result));
        Assert.Single(bench.Requests);
    }

    [Theory]
    [InlineData("OK")]
    [InlineData("<html><body>stored</html>")]
    [InlineData("<NativeDicomModel><DicomAttribute")]
    [InlineData("{\"status\": 1")]
    [InlineData("{\"00081198\": {\"vr\": \"SQ\", \"Value\": [{\"0008")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"status\": \"stored\"}")]
    [InlineData("{\"00100020\":{\"vr\":\"LO\",\"Value\":[\"1\"]}}")]
    [InlineData("{\"00081190\":{\"vr\":\"UR\",\"Value\":[\"http://pacs/studies/1\"]}}")]
    [InlineData("{\"00081198\":{\"vr\":\"SQ\"}}")]
    public async Task Success_with_a_body_that_is_no_store_response_decides_nothing(string body)
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(200, body), 2);

        Assert.All(await bench.DeliverAsync(2), AssertUndecided);
        Assert.Equal(3, bench.Requests.Count);
    }

    [Theory]
    [InlineData("OK")]
    [InlineData("<html><body>stored</html>")]
    [InlineData("{\"status\": \"stored\"}")]
    [InlineData("{\"00081198\":{\"vr\":\"SQ\"}}")]
    public async Task A_binding_that_trusts_the_status_takes_an_answer_that_names_nothing(string body)
    {
        await using StowBench bench =
            await StowBench.StartAsync(ScriptedTarget.Status(200, body), 2, options => options with { TrustsStatus = true });

        Assert.All(await bench.DeliverAsync(2), result => Assert.Same(DeliveryResult.Delivered, result));
        Assert.Single(bench.Requests);
    }

    [Theory]
    [InlineData("{\"00081198\": {\"vr\": \"SQ\", \"Value\": [{\"0008")]
    [InlineData("{\"00081199\":{\"vr\":\"SQ\",\"Value\":[{\"00081155\":{\"vr\":\"UI\",\"Value\":[\"9.9.9\"]}}]}}")]
    public async Task A_binding_that_trusts_the_status_takes_no_answer_that_contradicts_it(string body)
    {
        await using StowBench bench =
            await StowBench.StartAsync(ScriptedTarget.Status(200, body), 1, options => options with { TrustsStatus = true });

        AssertUndecided(Assert.Single(await bench.DeliverAsync(1)));
    }

    [Theory]
    [InlineData("1.2.1,1.2.3")]
    [InlineData("9.9.9")]
    public async Task An_instance_that_the_references_leave_out_is_sent_alone_and_then_tried_again(string named)
    {
        StowReceiver receiver = new((context, all) => StoreResponse.WriteAsync(context, 200, StoreResponse.Json(named.Split(','))));
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 2);

        DeliveryResult left = (await bench.DeliverAsync(2))[1];

        AssertUndecided(left);
        Assert.Equal(["1.2.2"], receiver.Requests[^1]);
    }

    [Fact]
    public async Task An_instance_that_is_named_when_it_is_sent_alone_is_delivered()
    {
        StowReceiver receiver = new((context, all) => StoreResponse.WriteAsync(context, 200, StoreResponse.Json(all.Take(1))));
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 3);

        Assert.All(await bench.DeliverAsync(3), result => Assert.Same(DeliveryResult.Delivered, result));
        Assert.Equal([["1.2.1", "1.2.2", "1.2.3"], ["1.2.2"], ["1.2.3"]], receiver.Requests);
    }

    [Fact]
    public async Task Instances_that_an_answer_with_unnamed_failures_leaves_out_are_sent_one_by_one()
    {
        StowReceiver receiver = new((context, all) => StoreResponse.WriteAsync(
            context,
            202,
            all.Contains("1.2.2") ? StoreResponse.Json(all.Where(sop => sop == "1.2.3"), (null, 0xC001)) : StoreResponse.Json(all)));
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 3);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(3);

        Assert.Equal(
            [DeliveryOutcome.Delivered, DeliveryOutcome.DeadLetter, DeliveryOutcome.Delivered], results.Select(result => result.Outcome));
        Assert.Equal([["1.2.1", "1.2.2", "1.2.3"], ["1.2.1"], ["1.2.2"]], receiver.Requests);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(415)]
    public async Task A_refusal_of_several_condemns_only_the_one_that_is_refused_alone(int status)
    {
        StowReceiver receiver = new((context, all) => StoreResponse.WriteAsync(context, all.Contains("1.2.2") ? status : 200, ""));
        await using StowBench bench = await StowBench.StartAsync(receiver.HandleAsync, 3);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(3);

        Assert.Equal(
            [DeliveryOutcome.Delivered, DeliveryOutcome.DeadLetter, DeliveryOutcome.Delivered], results.Select(result => result.Outcome));
        Assert.Contains($"status {status}", results[1].Error, StringComparison.Ordinal);
        Assert.Equal(4, receiver.Requests.Count);
    }

    [Fact]
    public async Task A_conflict_without_a_word_is_a_duplicate()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(409), 2);

        IReadOnlyList<DeliveryResult> results =
            await bench.DeliverAsync(StowBench.Delivery(1), StowBench.Delivery(2, ChangeKind.Modification));

        Assert.Same(DeliveryResult.Delivered, results[0]);
        Assert.Equal(DeliveryOutcome.DeadLetter, results[1].Outcome);
        Assert.StartsWith("target kept other content", results[1].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conflict_with_a_page_is_a_refusal()
    {
        await using StowBench bench = await StowBench.StartAsync(ScriptedTarget.Status(409, "<html>conflict</html>"), 1);

        Assert.Equal(DeliveryOutcome.DeadLetter, Assert.Single(await bench.DeliverAsync(1)).Outcome);
    }

    [Fact]
    public async Task An_endless_answer_is_given_up()
    {
        await using StowBench bench = await StowBench.StartAsync(
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                byte[] block = new byte[64 << 10];
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.Body.WriteAsync(block, context.RequestAborted);
                }
            },
            1);

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1));

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
    }

    private static void AssertUndecided(DeliveryResult result)
    {
        Assert.Equal((DeliveryOutcome.Retry, false), (result.Outcome, result.IsTargetFault));
        Assert.Contains("does not say that it is stored", result.Error, StringComparison.Ordinal);
    }
}

/// <summary>Writes the answers of a target (PS3.18 annex I).</summary>
internal static class StoreResponse
{
    /// <summary>An answer in DICOM JSON.</summary>
    /// <param name="stored">The instances that it lists as stored.</param>
    /// <param name="failed">The instances that it lists as failed, with reasons; an empty UID is an other failure.</param>
    public static string Json(IEnumerable<string> stored, params (string? Sop, int? Reason)[] failed)
    {
        JsonObject module = [];
        Add(module, "00081199", stored.Select(sop => Item(sop, null)));
        Add(module, "00081198", failed.Where(one => one.Sop is not null).Select(one => Item(one.Sop, one.Reason)));
        Add(module, "0008119A", failed.Where(one => one.Sop is null).Select(one => Item(null, one.Reason)));
        return module.ToJsonString();
    }

    /// <summary>An answer in the Native DICOM Model with one failure.</summary>
    public static string Xml(string failed, int reason) => string.Create(CultureInfo.InvariantCulture, $"""
        <?xml version="1.0" encoding="utf-8"?>
        <NativeDicomModel xmlns="http://dicom.nema.org/PS3.19/models/NativeDICOM">
          <DicomAttribute tag="00081198" vr="SQ" keyword="FailedSOPSequence"><Item number="1">
            <DicomAttribute tag="00081155" vr="UI" keyword="ReferencedSOPInstanceUID"><Value number="1">{failed}</Value></DicomAttribute>
            <DicomAttribute tag="00081197" vr="US" keyword="FailureReason"><Value number="1">{reason}</Value></DicomAttribute>
          </Item></DicomAttribute>
        </NativeDicomModel>
        """);

    public static async Task WriteAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body);
    }

    private static JsonObject Item(string? sop, int? reason)
    {
        JsonObject item = [];
        if (sop is not null)
        {
            item["00081155"] = new JsonObject { ["vr"] = "UI", ["Value"] = new JsonArray(sop) };
        }

        if (reason is not null)
        {
            item["00081197"] = new JsonObject { ["vr"] = "US", ["Value"] = new JsonArray(reason.Value) };
        }

        return item;
    }

    private static void Add(JsonObject module, string tag, IEnumerable<JsonObject> items)
    {
        JsonNode[] all = [.. items];
        if (all.Length > 0)
        {
            module[tag] = new JsonObject { ["vr"] = "SQ", ["Value"] = new JsonArray(all) };
        }
    }
}
