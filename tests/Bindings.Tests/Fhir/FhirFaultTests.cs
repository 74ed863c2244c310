using System.Text.Json.Nodes;
using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Bindings.Tests.Fhir;

/// <summary>Faults between the binding and a FHIR server, and features that the server lacks.</summary>
public sealed class FhirFaultTests
{
    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(302)]
    public async Task A_status_that_someone_can_mend_is_tried_again_and_counts_against_the_target(int status)
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.Fail(
            new FhirFault { Method = "GET", Status = status, RetryAfter = 7 }, new FhirFault { Method = "POST", Status = status });

        DeliveryResult search = await bench.DeliverAsync(new SampleRevision());
        DeliveryResult create = await bench.DeliverAsync(new SampleRevision());
        DeliveryResult good = await bench.DeliverAsync(new SampleRevision());

        Assert.Equal((DeliveryOutcome.Retry, true, TimeSpan.FromSeconds(7)), (search.Outcome, search.IsTargetFault, search.RetryAfter));
        Assert.Equal((DeliveryOutcome.Retry, true), (create.Outcome, create.IsTargetFault));
        Assert.Contains($" {status} ", create.Error, StringComparison.Ordinal);
        Assert.Equal(DeliveryOutcome.Delivered, good.Outcome);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(422)]
    public async Task A_resource_that_is_refused_is_a_dead_letter_that_names_codes_but_no_values(int status)
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        const string Outcome =
            """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":"Doe^Jane"},{"code":"Doe^Jane"},{"code":"required"}]}""";
        bench.Server.Fail(new FhirFault { Method = "POST", Status = status, Body = Outcome });

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision());

        Assert.Equal(DeliveryOutcome.DeadLetter, result.Outcome);
        Assert.Equal($"The FHIR server answered {status} to a create (invalid, required).", result.Error);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task A_write_whose_answer_is_lost_leaves_one_resource_and_is_not_repeated(string method)
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bool isUpdate = method == "PUT";
        if (isUpdate)
        {
            await bench.DeliverAsync(new SampleRevision());
        }

        bench.Server.Fail(new FhirFault { Method = method, Status = 500, HappensAfter = true });
        SampleRevision revision = new() { Revision = 1 };

        Assert.Equal(DeliveryOutcome.Retry, (await bench.DeliverAsync(revision)).Outcome);
        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(revision)).Outcome);

        Assert.Equal(isUpdate ? "2" : "1", FhirBench.VersionOf(bench.Resource()));
        Assert.Equal(1, FhirBench.RevisionOf(bench.Resource()));
    }

    [Fact]
    public async Task A_lost_answer_makes_no_second_resource_even_where_the_search_lags()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.SearchFindsNothing = true;
        bench.Server.Fail(new FhirFault { Method = "POST", Cuts = true, HappensAfter = true });
        await bench.DeliverAsync(new SampleRevision());

        DeliveryResult again = await bench.DeliverAsync(new SampleRevision());
        DeliveryResult newer = await bench.DeliverAsync(new SampleRevision { Revision = 1 });

        Assert.Equal([DeliveryOutcome.Delivered, DeliveryOutcome.Delivered], [again.Outcome, newer.Outcome]);
        Assert.Equal("2", FhirBench.VersionOf(bench.Resource()));
        Assert.Equal(1, FhirBench.RevisionOf(bench.Resource()));
    }

    [Fact]
    public async Task A_server_that_accepts_and_then_hangs_is_given_up()
    {
        await using FhirBench bench = await FhirBench.StartAsync(idleTimeout: TimeSpan.FromMilliseconds(300));
        bench.Server.Fail(new FhirFault { Hangs = true });

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision());

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Equal($"The FHIR server gave no answer to a search: {bench.Server.Endpoint.Authority} took nothing of the request and sent "
            + "nothing of an answer for 0.3 s.", result.Error);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_fault_of_the_target()
    {
        FhirBench bench = await FhirBench.StartAsync();
        await using FhirTarget target = bench.NewTarget();
        await bench.Server.DisposeAsync();

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision(), target);

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
    }

    [Theory]
    [InlineData("<html>please log in</html>")]
    [InlineData("[]")]
    [InlineData("""{"resourceType":"Patient"}""")]
    public async Task What_answers_a_search_with_something_else_is_no_FHIR_server(string body)
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.Fail(new FhirFault { Status = 200, Body = body });

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision());

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Empty(bench.Server.Store.Current);
    }

    [Fact]
    public async Task A_cancellation_is_thrown()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Events.Add(SampleRevision.Key(), new SampleRevision().ToEvent());
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => bench.Target.DeliverAsync([FhirBench.DeliveryOf(SampleRevision.Key(), 0)], cancelled.Token));
    }

    [Fact]
    public async Task A_server_that_can_do_everything_is_not_complained_of()
    {
        await using FhirBench bench = await FhirBench.StartAsync();

        await bench.Target.ExamineAsync(CancellationToken.None);
        await bench.DeliverAsync(new SampleRevision());
        await bench.DeliverAsync(new SampleRevision { Revision = 1 });

        Assert.DoesNotContain(bench.Logged, message => message.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_server_lacks_is_named_at_the_start()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.IgnoresIfMatch = true;
        bench.Server.IgnoresIfNoneExist = true;

        await bench.Target.ExamineAsync(CancellationToken.None);

        Assert.Equal(
            [
                $"Warning 6200: The FHIR server {bench.Server.Endpoint} does not offer versioned updates (If-Match) of ImagingStudy: what "
                    + "others write at the same moment can be lost.",
                $"Warning 6200: The FHIR server {bench.Server.Endpoint} does not offer conditional create (If-None-Exist) of ImagingStudy: "
                    + "a create whose answer is lost can make a second resource.",
            ],
            bench.Logged);
    }

    [Fact]
    public async Task A_server_that_tells_nothing_of_itself_is_named_and_tried()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.Fail(
            new FhirFault { Status = 404 }, new FhirFault { Status = 200, Body = """{"resourceType":"CapabilityStatement"}""" });

        await bench.Target.ExamineAsync(CancellationToken.None);
        await bench.Target.ExamineAsync(CancellationToken.None);

        Assert.Contains("6201", bench.Logged[0], StringComparison.Ordinal);
        Assert.Contains("does not offer ImagingStudy", bench.Logged[1], StringComparison.Ordinal);
        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision())).Outcome);
    }

    [Fact]
    public async Task Without_versions_the_update_goes_without_If_Match_and_that_is_said_once()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.HasNoVersions = true;

        for (int revision = 0; revision < 3; revision++)
        {
            Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision { Revision = revision })).Outcome);
        }

        Assert.All(bench.Server.Exchanges, exchange => Assert.Null(exchange.IfMatch));
        Assert.Single(bench.Logged, message => message.StartsWith("Warning 6202", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_of_the_patient_is_logged()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.Fail(new FhirFault { Method = "PUT", Status = 422, Body = """{"issue":[{"diagnostics":"P-1 Sender"}]}""" });

        List<string> errors = [];
        for (int revision = 0; revision < 4; revision++)
        {
            errors.Add((await bench.DeliverAsync(new SampleRevision { Revision = revision })).Error ?? "");
        }

        JsonObject resource = bench.Resource();
        Assert.Equal("P-1", (string?)resource["subject"]!["identifier"]!["value"]);
        Assert.DoesNotContain(
            bench.Logged.Concat(errors),
            text => text.Contains("P-1", StringComparison.Ordinal) || text.Contains("Sender", StringComparison.Ordinal));
    }
}
