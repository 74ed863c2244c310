using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>What every delivery queue remembers of what was delivered.</summary>
public abstract class DeliveredInstanceConformance : DeliveryConformance
{
    [Theory]
    [InlineData(DeliveryOutcome.Delivered, true)]
    [InlineData(DeliveryOutcome.Gone, false)]
    [InlineData(DeliveryOutcome.DeadLetter, false)]
    [InlineData(DeliveryOutcome.Retry, false)]
    [InlineData(DeliveryOutcome.Released, false)]
    public async Task An_instance_that_comes_back_was_delivered_only_if_it_was(DeliveryOutcome outcome, bool expected)
    {
        await RegisterAsync(Instances);
        SampleStudy study = new();
        InstanceId[] instances = [NewInstance(), NewInstance()];
        await EmitAsync(study, [.. instances.Select(instance => Added(instance))]);
        IReadOnlyList<Delivery> first = await FanOutAndClaimAsync(Instances);
        Assert.All(first, delivery => Assert.False(delivery.WasDelivered));
        await SettleAsync(first.Single(delivery => delivery.Instance == instances[0]), outcome, error: "said so");

        await EmitAsync(study, Added(instances[0]));

        Assert.Equal(
            (instances[0], expected),
            (await FanOutAndClaimAsync(Instances)).Select(delivery => (delivery.Instance!.Value, delivery.WasDelivered)).Single());
    }

    [Fact]
    public async Task An_instance_that_comes_back_while_it_is_delivered_was_delivered()
    {
        await RegisterAsync(Instances);
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await EmitAsync(study, Added(instance));
        Delivery first = Assert.Single(await FanOutAndClaimAsync(Instances));

        await EmitAsync(study, Added(instance));
        await FanOutAsync(Instances);
        await SettleAsync(first, DeliveryOutcome.Delivered);

        Delivery second = await ClaimOneAsync(Instances);
        Assert.Equal((ChangeKind.Addition, true, true), (second.Change, second.WasDelivered, second.IsReplacement));
    }

    [Fact]
    public async Task What_one_binding_delivered_another_did_not_and_a_removed_one_forgets()
    {
        BindingDefinition other = Instances with { Name = "other" };
        await RegisterAsync(Instances);
        await RegisterAsync(other);
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await EmitAsync(study, Added(instance));
        await SettleAllAsync(await FanOutAndClaimAsync(Instances), DeliveryOutcome.Delivered);
        await SettleAllAsync(await FanOutAndClaimAsync(other), DeliveryOutcome.Gone);

        await EmitAsync(study, Added(instance));
        Assert.True(Assert.Single(await FanOutAndClaimAsync(Instances)).WasDelivered);
        Assert.False(Assert.Single(await FanOutAndClaimAsync(other)).WasDelivered);

        await Bindings.RemoveAsync(Instances.Name, CancellationToken.None);
        await RegisterAsync(Instances);
        await EmitAsync(study, Added(instance));
        Assert.False(Assert.Single(await FanOutAndClaimAsync(Instances)).WasDelivered);
    }

    [Fact]
    public async Task A_dead_letter_says_whether_the_instance_was_delivered_before()
    {
        await RegisterAsync(Instances);
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await EmitAsync(study, Added(instance));
        await SettleAllAsync(await FanOutAndClaimAsync(Instances), DeliveryOutcome.Delivered);
        await EmitAsync(study, Added(instance));
        await SettleAllAsync(await FanOutAndClaimAsync(Instances), DeliveryOutcome.DeadLetter, "kept");

        Assert.True(
            Assert.Single(await Bindings.ListDeadLettersAsync(Instances.Name, 0, 10, CancellationToken.None)).Delivery.WasDelivered);
    }
}
