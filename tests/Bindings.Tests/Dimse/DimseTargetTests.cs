using System.Security.Cryptography;
using ImagingIngestion.Bindings.Tests.Stow;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Tests.Peers;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Bindings.Tests.Dimse;

public sealed class DimseTargetTests
{
    [Theory]
    [InlineData(Syntax.ExplicitLittle)]
    [InlineData(Syntax.ImplicitLittle)]
    [InlineData(Syntax.ExplicitBig)]
    [InlineData(Syntax.Deflated)]
    [InlineData(Syntax.Jpeg2000)]
    [InlineData("1.2.3.4.5.6")]
    public async Task An_instance_arrives_in_the_bytes_that_it_is_stored_in(string syntax)
    {
        StoreService store = new();
        await using DimseBench bench = await DimseBench.StartAsync(store);
        bench.Add(1, 1, syntax);

        Assert.Same(DeliveryResult.Delivered, Assert.Single(await bench.DeliverAsync(1, 1)));

        byte[] expected = DimseBench.DataSet(DimseBench.Instance(1, syntax));
        Assert.Equal((expected.Length, Convert.ToHexString(SHA256.HashData(expected))), store.Stored["1.2.1"]);
        Assert.Equal(["*"], bench.Asked);
        AssociationOffer offer = Assert.Single(bench.Policy.Offers);
        Assert.Equal(("DICOM-INGEST", "ARCHIVE"), (offer.CallingAeTitle.Value, offer.CalledAeTitle.Value));
        Assert.Equal([syntax], offer.PresentationContexts[0].TransferSyntaxes);
    }

    [Fact]
    public async Task Five_hundred_instances_go_over_no_more_associations_than_are_set()
    {
        StoreService store = new();
        await using DimseBench bench = await DimseBench.StartAsync(store, options => options with { Associations = 2 });
        for (int number = 1; number <= 500; number++)
        {
            bench.Add(DimseBench.Instance(number, length: 1000));
        }

        await Parallel.ForEachAsync(Enumerable.Range(0, 50), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (batch, _) =>
            Assert.All(
                await bench.DeliverAsync((batch * 10) + 1, (batch * 10) + 10), result => Assert.Same(DeliveryResult.Delivered, result)));

        Assert.Equal(500, store.Stored.Count);
        Assert.InRange(bench.Policy.Offers.Count, 1, 2);
    }

    [Theory]
    [InlineData(Syntax.ImplicitLittle)]
    [InlineData(Syntax.ExplicitBig)]
    [InlineData(Syntax.Deflated)]
    public async Task A_target_that_takes_only_explicit_VR_gets_it_from_the_source(string stored)
    {
        StoreService store = new();
        await using DimseBench bench = await DimseBench.StartAsync(store, policy: DimseBench.Taking(Syntax.ExplicitLittle));
        bench.Add(1, 1, stored);

        Assert.Same(DeliveryResult.Delivered, Assert.Single(await bench.DeliverAsync(1, 1)));

        AssertStored(store, Syntax.ExplicitLittle);
        Assert.Equal(["*", Syntax.ExplicitLittle], bench.Asked);
    }

    [Theory]
    [InlineData(Syntax.ExplicitLittle, 1)]
    [InlineData(Syntax.ExplicitBig, 2)]
    [InlineData(Syntax.Deflated, 2)]
    [InlineData(Syntax.ImplicitLittle, 1)]
    public async Task A_target_that_takes_only_implicit_VR_gets_it(string stored, int fetches)
    {
        StoreService store = new();
        await using DimseBench bench = await DimseBench.StartAsync(store, policy: DimseBench.Taking(Syntax.ImplicitLittle));
        bench.Add(1, 1, stored);

        Assert.Same(DeliveryResult.Delivered, Assert.Single(await bench.DeliverAsync(1, 1)));

        AssertStored(store, Syntax.ImplicitLittle);
        Assert.Equal(fetches, bench.Asked.Count);
    }

    [Fact]
    public async Task A_compressed_syntax_that_the_target_does_not_take_is_a_dead_letter_that_names_it()
    {
        await using DimseBench bench =
            await DimseBench.StartAsync(new StoreService(), policy: DimseBench.Taking(Syntax.ExplicitLittle, Syntax.ImplicitLittle));
        bench.Add(1, 1, Syntax.Jpeg2000);
        bench.Add(2, 2);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(1, 2);

        Assert.Equal([DeliveryOutcome.DeadLetter, DeliveryOutcome.Delivered], results.Select(result => result.Outcome));
        Assert.Contains(Syntax.Jpeg2000, results[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_SOP_class_that_the_target_does_not_take_is_a_dead_letter_that_names_it()
    {
        await using DimseBench bench = await DimseBench.StartAsync(new StoreService(), policy: DimseBench.Taking());
        bench.Add(1, 1);

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(1, 1));

        Assert.Equal(DeliveryOutcome.DeadLetter, result.Outcome);
        Assert.Contains(TestInstance.SecondaryCapture, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_instance_leaves_nothing_to_deliver()
    {
        StoreService store = new();
        await using DimseBench bench = await DimseBench.StartAsync(store);
        bench.Add(2, 2);

        Assert.Equal([DeliveryResult.Gone, DeliveryResult.Delivered], await bench.DeliverAsync(1, 2));
        Assert.Equal(["1.2.2"], store.Stored.Keys);
    }

    [Fact]
    public async Task What_names_no_instance_is_a_dead_letter()
    {
        await using DimseBench bench = await DimseBench.StartAsync(new StoreService());

        DeliveryResult result = Assert.Single(await bench.DeliverAsync(StowBench.Delivery(1) with { Instance = null }));

        Assert.Equal(DeliveryOutcome.DeadLetter, result.Outcome);
    }

    [Fact]
    public async Task A_source_that_is_down_is_not_asked_for_the_rest()
    {
        await using DimseBench bench = await DimseBench.StartAsync(new StoreService());
        await bench.Source.StopAsync();

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(1, 3);

        Assert.All(results, result => Assert.Equal((DeliveryOutcome.Retry, false), (result.Outcome, result.IsTargetFault)));
        Assert.Empty(bench.Policy.Offers);
    }

    [Fact]
    public async Task An_instance_that_breaks_off_on_its_way_is_not_stored_and_the_next_one_is()
    {
        StoreService store = new();
        await using DimseBench bench = await DimseBench.StartAsync(store);
        byte[] file = DimseBench.Instance(1, length: 3_000_000).ToPart10();
        bench.Source.Script("1.2.1", async context =>
        {
            context.Response.ContentType = "application/dicom";
            context.Response.ContentLength = file.Length;
            await context.Response.Body.WriteAsync(file.AsMemory(0, 1_000_000));
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        bench.Add(2, 2);

        IReadOnlyList<DeliveryResult> results = await bench.DeliverAsync(1, 2);

        Assert.Equal((DeliveryOutcome.Retry, false), (results[0].Outcome, results[0].IsTargetFault));
        Assert.Contains("WADO-RS", results[0].Error, StringComparison.Ordinal);
        Assert.Same(DeliveryResult.Delivered, results[1]);
        Assert.Equal(["1.2.2"], store.Stored.Keys);
    }

    [Fact]
    public async Task What_is_no_Part_10_file_is_a_dead_letter()
    {
        await using DimseBench bench = await DimseBench.StartAsync(new StoreService());
        bench.Source.Script("1.2.1", async context =>
        {
            context.Response.ContentType = "application/dicom";
            await context.Response.Body.WriteAsync(
                "<html>no image here, and long enough to tell that it is none: a head is looked for in 132 bytes, so here are more of them, and some more</html>"u8.ToArray());
        });

        Assert.Equal(DeliveryOutcome.DeadLetter, Assert.Single(await bench.DeliverAsync(1, 1)).Outcome);
    }

    private static void AssertStored(StoreService store, string syntax)
    {
        byte[] expected = DimseBench.DataSet(DimseBench.Instance(1, syntax));
        Assert.Equal((expected.Length, Convert.ToHexString(SHA256.HashData(expected))), store.Stored["1.2.1"]);
    }
}
