using System.Text.Json.Nodes;
using ImagingIngestion.Bindings.Tests.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Bindings.Tests.Fhir;

/// <summary>One resource for each study of a storage space, and the newest revision in it.</summary>
public sealed class FhirTargetTests
{
    [Fact]
    public async Task Three_revisions_make_one_resource_in_version_three()
    {
        await using FhirBench bench = await FhirBench.StartAsync();

        for (int revision = 0; revision < 3; revision++)
        {
            Assert.Equal(
                DeliveryOutcome.Delivered,
                (await bench.DeliverAsync(new SampleRevision { Revision = revision, Instances = revision + 1 })).Outcome);
        }

        JsonObject resource = bench.Resource();
        Assert.Equal("3", FhirBench.VersionOf(resource));
        Assert.Equal(2, FhirBench.RevisionOf(resource));
        Assert.Equal(3, (int)resource["numberOfInstances"]!);
        Assert.Equal(
            ["""W/"1" """.Trim(), """W/"2" """.Trim()],
            bench.Server.Exchanges.Where(exchange => exchange.Method == "PUT").Select(exchange => exchange.IfMatch));
        Assert.Equal([0, 1, 2], bench.Server.Store.Versions("1").Select(version => FhirBench.RevisionOf(version!)));
    }

    [Fact]
    public async Task A_create_is_conditional_on_the_study_of_the_storage_space()
    {
        await using FhirBench bench = await FhirBench.StartAsync();

        await bench.DeliverAsync(new SampleRevision());

        FhirExchange create = bench.Server.Exchanges.Single(exchange => exchange.Method == "POST");
        Assert.Equal(
            $"identifier={Uri.EscapeDataString("https://imaging-ingestion.alvearie.org/fhir/stored-study|default/1.2.3")}",
            create.IfNoneExist);
    }

    [Fact]
    public async Task Delivering_again_writes_nothing()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        await bench.DeliverAsync(new SampleRevision { Revision = 5 });

        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision { Revision = 5 })).Outcome);
        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision { Revision = 4 })).Outcome);

        Assert.Equal("1", FhirBench.VersionOf(bench.Resource()));
        Assert.Equal(5, FhirBench.RevisionOf(bench.Resource()));
        Assert.Single(bench.Server.Exchanges, exchange => exchange.Method is "POST" or "PUT");
    }

    [Fact]
    public async Task A_deleted_study_is_entered_in_error_and_says_nothing_more_of_the_patient()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        await bench.DeliverAsync(new SampleRevision());

        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision { Revision = 1, Instances = 0 })).Outcome);

        JsonObject resource = bench.Resource();
        Assert.Equal("entered-in-error", (string?)resource["status"]);
        Assert.Equal("P-1", (string?)resource["subject"]!["identifier"]!["value"]);
        Assert.Equal(0, (int)resource["numberOfInstances"]!);
        Assert.All(["series", "description", "referrer", "contained", "endpoint", "started"], name => Assert.Null(resource[name]));
    }

    [Fact]
    public async Task A_deleted_study_that_comes_back_is_available_again()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        await bench.DeliverAsync(new SampleRevision());
        await bench.DeliverAsync(new SampleRevision { Revision = 1, Instances = 0 });

        await bench.DeliverAsync(new SampleRevision { Revision = 2 });

        Assert.Equal("available", (string?)bench.Resource()["status"]);
        Assert.Equal("3", FhirBench.VersionOf(bench.Resource()));
    }

    [Fact]
    public async Task The_deletion_of_a_study_that_the_server_never_had_creates_nothing()
    {
        await using FhirBench bench = await FhirBench.StartAsync();

        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision { Instances = 0 })).Outcome);

        Assert.Empty(bench.Server.Store.Current);
    }

    [Fact]
    public async Task The_same_study_in_two_storage_spaces_makes_two_resources()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.PageSize = 1;

        await bench.DeliverAsync(new SampleRevision(), provider: "north");
        await bench.DeliverAsync(new SampleRevision { Revision = 7 }, provider: "south");
        await bench.DeliverAsync(new SampleRevision { Revision = 1 }, provider: "north");

        Assert.Equal([1, 7], bench.Server.Store.Current.Select(FhirBench.RevisionOf));
        Assert.Equal(["2", "1"], bench.Server.Store.Current.Select(FhirBench.VersionOf));
    }

    [Fact]
    public async Task A_resource_that_names_no_storage_space_is_adopted_with_its_labels()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.Store.Create(Foreign(), null);

        await bench.DeliverAsync(new SampleRevision());

        JsonObject resource = bench.Resource();
        Assert.Equal("2", FhirBench.VersionOf(resource));
        Assert.Equal("available", (string?)resource["status"]);
        Assert.Equal("R", (string?)resource["meta"]!["security"]![0]!["code"]);
    }

    [Fact]
    public async Task Several_resources_with_the_identifier_are_a_dead_letter()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.Store.Create(Foreign(), null);
        bench.Server.Store.Create(Foreign(), null);

        DeliveryResult result = await bench.DeliverAsync(new SampleRevision());

        Assert.Equal(DeliveryOutcome.DeadLetter, result.Outcome);
        Assert.StartsWith("Several ImagingStudy resources have this identifier", result.Error, StringComparison.Ordinal);
        Assert.All(bench.Server.Store.Current, resource => Assert.Equal("1", FhirBench.VersionOf(resource)));
    }

    [Fact]
    public async Task A_server_that_ignores_search_parameters_loses_no_resource_of_another_study()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        bench.Server.IgnoresSearchParameters = true;
        await bench.DeliverAsync(new SampleRevision { Study = "1.2.3" });

        await bench.DeliverAsync(new SampleRevision { Study = "1.2.4" });
        await bench.DeliverAsync(new SampleRevision { Study = "1.2.4", Revision = 1 });

        Assert.Equal(["1", "2"], bench.Server.Store.Current.Select(FhirBench.VersionOf));
    }

    [Fact]
    public async Task A_resource_that_someone_deleted_is_made_anew()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        await bench.DeliverAsync(new SampleRevision());
        bench.Server.Store.Delete("1");

        Assert.Equal(DeliveryOutcome.Delivered, (await bench.DeliverAsync(new SampleRevision { Revision = 1 })).Outcome);

        Assert.Equal("2", (string?)bench.Resource()["id"]);
    }

    [Fact]
    public async Task What_is_gone_is_done_and_what_is_no_revision_is_a_dead_letter()
    {
        await using FhirBench bench = await FhirBench.StartAsync();
        StudyKey study = SampleRevision.Key();
        bench.Events.Add(study, 3, new byte[] { 0xFF, 1, 2 });

        IReadOnlyList<DeliveryResult> results = await bench.Target.DeliverAsync(
            [FhirBench.DeliveryOf(study, 9), FhirBench.DeliveryOf(study, null), FhirBench.DeliveryOf(study, 3)], CancellationToken.None);

        Assert.Equal(
            [DeliveryOutcome.Gone, DeliveryOutcome.DeadLetter, DeliveryOutcome.DeadLetter], results.Select(result => result.Outcome));
        Assert.Empty(bench.Server.Exchanges);
    }

    private static JsonObject Foreign() => new()
    {
        ["resourceType"] = "ImagingStudy",
        ["meta"] = new JsonObject { ["security"] = new JsonArray(new JsonObject { ["code"] = "R" }) },
        ["status"] = "registered",
        ["identifier"] = new JsonArray(new JsonObject { ["system"] = "urn:dicom:uid", ["value"] = "urn:oid:1.2.3" }),
    };
}
