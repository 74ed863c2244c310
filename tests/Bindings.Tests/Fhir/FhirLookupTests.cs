using System.Text;
using System.Text.Json.Nodes;
using ImagingIngestion.Bindings.Fhir;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Bindings.Tests.Targets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Bindings.Tests.Fhir;

/// <summary>The requests to a FHIR server before a write, and the reactions to its answers.</summary>
public sealed class FhirLookupTests
{
    [Fact]
    public async Task A_look_up_asks_for_what_it_needs_and_leaves_no_mark_of_that()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.Store.Create(Foreign(), null);

        await bench.DeliverAsync(new SampleRevision());
        await bench.DeliverAsync(new SampleRevision { Revision = 1 });

        Assert.All(
            bench.Server.Exchanges.Where(exchange => exchange.Method == "GET"),
            exchange => Assert.EndsWith("&_elements=identifier,subject,extension,meta", exchange.Query, StringComparison.Ordinal));
        Assert.Equal(["kept"], bench.Resource()["meta"]!["tag"]!.AsArray().Select(tag => (string?)tag!["code"]));
    }

    [Fact]
    public async Task A_server_that_refuses_to_send_parts_is_asked_for_all()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.RefusesElements = true;

        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision())).Outcome);
        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision { Revision = 1 })).Outcome);

        Assert.Equal(
            [400, 200, 200], bench.Server.Exchanges.Where(exchange => exchange.Method == "GET").Select(exchange => exchange.Status));
    }

    [Fact]
    public async Task An_answer_that_is_longer_than_is_read_is_of_that_study_alone()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.IgnoresElements = true;
        JsonObject large = Foreign();
        large["description"] = new string('x', 5 << 20);
        bench.Server.Store.Create(large, null);

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision());

        Assert.Equal((DeliveryOutcome.Retry, false), (result.Outcome, result.IsTargetFault));
        Assert.Contains("more than 4 MiB", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_attempt_creates_once_and_the_next_one_looks_first()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.HidesCreates = true;
        bench.Server.IgnoresIfNoneExist = true;
        bench.Server.SearchFindsNothing = true;

        DeliveryResult lagging = await bench.DeliverAsync(new SampleRevision());
        Assert.Single(bench.Server.Store.Current);
        bench.Server.SearchFindsNothing = false;
        DeliveryResult after = await bench.DeliverAsync(new SampleRevision());

        Assert.Equal((DeliveryOutcome.Retry, false), (lagging.Outcome, lagging.IsTargetFault));
        Assert.Equal(DeliveryOutcome.Delivered, after.Outcome);
        Assert.Single(bench.Server.Store.Current);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    public async Task A_page_in_answer_to_a_write_is_no_success(string method)
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        if (method == "PUT")
        {
            await bench.DeliverAsync(new SampleRevision());
        }

        bench.Server.Fail(new FhirFault { Method = method, Status = method == "PUT" ? 200 : 201, Body = "<html>please log in</html>" });

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision { Revision = 1 });

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Contains("no FHIR JSON", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://other.example/fhir/ImagingStudy?page=2")]
    [InlineData("http://[")]
    public async Task A_next_page_at_another_server_is_an_error(string next)
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.NextPage = next;

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision());

        Assert.Equal((DeliveryOutcome.Retry, true), (result.Outcome, result.IsTargetFault));
        Assert.Contains("at another server", result.Error, StringComparison.Ordinal);
        Assert.Empty(bench.Server.Store.Current);
    }

    [Theory]
    [InlineData("""{"identifier":{"value":"P-2"}}""", false)]
    [InlineData("""{"identifier":{"system":"urn:oid:1.2","value":"P-2"}}""", false)]
    [InlineData("""{"reference":"Patient/17"}""", false)]
    [InlineData("""{"identifier":{"system":"urn:oid:1.2","value":"P-1"}}""", true)]
    [InlineData("""{"display":"Unknown patient"}""", true)]
    public async Task A_found_resource_of_another_patient_is_not_overwritten(string subject, bool isWritten)
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        JsonObject foreign = Foreign();
        foreign["subject"] = JsonNode.Parse(subject);
        bench.Server.Store.Create(foreign, null);

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision());

        Assert.Equal(isWritten ? DeliveryOutcome.Delivered : DeliveryOutcome.DeadLetter, result.Outcome);
        Assert.Equal(isWritten ? "2" : "1", FhirBench.VersionOf(bench.Resource()));
        if (!isWritten)
        {
            Assert.StartsWith(
                "The ImagingStudy resource 1 has the study's identifier, but shows another subject",
                result.Error,
                StringComparison.Ordinal);
            Assert.DoesNotContain("P-2", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_binding_may_be_told_to_overwrite_another_subject()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        JsonObject foreign = Foreign();
        foreign["subject"] = JsonNode.Parse("""{"identifier":{"value":"P-2"}}""");
        bench.Server.Store.Create(foreign, null);
        await using FhirTarget target = bench.NewTarget(
            new FhirBindingOptions { Target = new HttpTargetOptions { Endpoint = bench.Server.Endpoint }, OverwritesSubject = true });

        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision(), target)).Outcome);
        Assert.Equal("P-1", (string?)bench.Resource()["subject"]!["identifier"]!["value"]);
    }

    [Fact]
    public async Task A_corrected_patient_replaces_the_one_that_we_wrote_also_after_a_deletion()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        SampleRevision first = new();
        await bench.DeliverAsync(first);

        DeliveryResult corrected = await bench.DeliverAsync((first with { Revision = 1 }).With(DicomTag.PatientID, "P-2"));
        await bench.DeliverAsync(first with { Revision = 2, Instances = 0 });
        DeliveryResult again = await bench.DeliverAsync((first with { Revision = 3 }).With(DicomTag.PatientID, "P-3"));

        Assert.Equal([DeliveryOutcome.Delivered, DeliveryOutcome.Delivered], [corrected.Outcome, again.Outcome]);
        Assert.Equal("P-3", (string?)bench.Resource()["subject"]!["identifier"]!["value"]);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_in_what_is_kept_fails_nothing()
    {
        const string Bundle = """
            {"resourceType":"Bundle","entry":[{"resource":{"resourceType":"ImagingStudy","id":"7","meta":{"versionId":"1","security":[{"code":"R","display":"a\\ud800b \ud800 \uDC00\uD83D\uDE00"}]},
            "identifier":[{"system":"urn:dicom:uid","value":"urn:oid:1.2.3"}]}}]}
            """;
        string written = "";
        await using ScriptedTarget server = await ScriptedTarget.StartAsync(async context =>
        {
            if (context.Request.Method == "GET")
            {
                await context.Response.WriteAsync(Bundle);
                return;
            }

            written = await new StreamReader(context.Request.Body, Encoding.UTF8).ReadToEndAsync();
        });
        await using FhirBench bench = await FhirBench.StartAsync();
        await using FhirTarget target = bench.NewTarget(endpoint: new Uri(server.Root, "fhir/ImagingStudy"));

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision(), target);

        Assert.Equal(DeliveryOutcome.Delivered, result.Outcome);
        Assert.Equal("a\\ud800b \uFFFD \uFFFD\U0001F600", (string?)JsonNode.Parse(written)!["meta"]!["security"]![0]!["display"]);
    }

    private static JsonObject Foreign() => new()
    {
        ["resourceType"] = "ImagingStudy",
        ["meta"] = new JsonObject { ["tag"] = new JsonArray(new JsonObject { ["code"] = "kept" }) },
        ["status"] = "registered",
        ["identifier"] = new JsonArray(new JsonObject { ["system"] = "urn:dicom:uid", ["value"] = "urn:oid:1.2.3" }),
    };
}
