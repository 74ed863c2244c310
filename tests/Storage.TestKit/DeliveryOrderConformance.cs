using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>How every delivery queue keeps the order of a binding that delivers every event.</summary>
public abstract class DeliveryOrderConformance : DeliveryConformance
{
    [Fact]
    public async Task Every_event_of_an_instance_is_delivered_one_after_the_other()
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await RegisterAsync(Everything);
        await EmitAsync(study, Added(instance, type: EventType.ImageStored), Added(instance));
        await FanOutAsync(Everything);
        await EmitAsync(study, Modified(instance));
        await FanOutAsync(Everything, 1);

        List<long> sequences = [];
        for (int turn = 0; turn < 3; turn++)
        {
            Delivery delivery = await ClaimOneAsync(Everything);
            DeliveryClaim other = await TryClaimAsync(Everything);
            Assert.Empty(other.Deliveries);
            Assert.Equal(Lease, other.NextIn);
            sequences.Add(delivery.Sequence);
            await SettleAsync(delivery, DeliveryOutcome.Delivered);
        }

        Assert.Equal([1L, 2L, 3L], sequences);
        Assert.Null((await TryClaimAsync(Everything)).NextIn);
    }

    [Fact]
    public async Task Instances_and_their_study_do_not_wait_for_each_other()
    {
        SampleStudy study = new();
        InstanceId first = NewInstance();
        InstanceId second = NewInstance();
        await RegisterAsync(Everything);
        await EmitAsync(study, Added(first), Added(second), Modified(first), Revised(0), Revised(1));

        Assert.Equal([1L, 2L, 4L], (await FanOutAndClaimAsync(Everything)).Select(delivery => delivery.Sequence));
    }

    [Fact]
    public async Task What_is_tried_again_holds_up_those_behind_it()
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await RegisterAsync(Everything);
        await EmitAsync(study, Added(instance), Modified(instance));
        await SettleAsync(Assert.Single(await FanOutAndClaimAsync(Everything)), DeliveryOutcome.Retry, TimeSpan.FromSeconds(10), "refused");

        DeliveryClaim none = await TryClaimAsync(Everything);
        Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Empty(none.Deliveries);
        Assert.Equal(TimeSpan.FromSeconds(10), none.NextIn);
        Assert.Equal(1, (await ClaimOneAsync(Everything)).Sequence);
    }

    [Fact]
    public async Task A_dead_letter_holds_nothing_up()
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await RegisterAsync(Everything);
        await EmitAsync(study, Added(instance), Modified(instance));
        await SettleAsync(Assert.Single(await FanOutAndClaimAsync(Everything)), DeliveryOutcome.DeadLetter, error: "never");

        Assert.Equal(2, (await ClaimOneAsync(Everything)).Sequence);

        await EmitAsync(study, Modified(instance));
        Assert.Empty(await FanOutAndClaimAsync(Everything));
    }

    [Fact]
    public async Task A_replayed_dead_letter_comes_before_those_that_wait_and_after_the_one_on_its_way()
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await RegisterAsync(Everything);
        await EmitAsync(study, Added(instance), Modified(instance), Modified(instance));
        await SettleAsync(Assert.Single(await FanOutAndClaimAsync(Everything)), DeliveryOutcome.DeadLetter, error: "never");
        Delivery second = await ClaimOneAsync(Everything);

        Assert.Equal(1, await Bindings.ReplayAsync(Everything.Name, id: null, CancellationToken.None));
        Assert.Empty(await ClaimAsync(Everything));
        await SettleAsync(second, DeliveryOutcome.Delivered);
        Delivery replayed = await ClaimOneAsync(Everything);
        await SettleAsync(replayed, DeliveryOutcome.Delivered);

        Assert.Equal(1, replayed.Sequence);
        Assert.Equal(3, (await ClaimOneAsync(Everything)).Sequence);
    }

    [Fact]
    public async Task A_dead_letter_replayed_before_a_waiting_one_is_claimed_alone_and_first()
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await RegisterAsync(Everything);
        await EmitAsync(study, Added(instance), Modified(instance));
        Delivery first = Assert.Single(await FanOutAndClaimAsync(Everything));
        await SettleAsync(first, DeliveryOutcome.DeadLetter, error: "never");

        Assert.Equal(1, await Bindings.ReplayAsync(Everything.Name, first.Id, CancellationToken.None));

        Delivery replayed = await ClaimOneAsync(Everything);
        Assert.Equal((1L, 0), (replayed.Sequence, replayed.Attempts));
        await SettleAsync(replayed, DeliveryOutcome.Delivered);
        Assert.Equal(2, (await ClaimOneAsync(Everything)).Sequence);
    }

    [Fact]
    public async Task Order_is_kept_when_a_binding_goes_from_newest_states_to_every_event_and_back()
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        BindingDefinition newest = Instances with { Name = Everything.Name };
        await RegisterAsync(newest);
        await EmitAsync(study, Added(instance));
        await FanOutAsync(newest);
        await RegisterAsync(Everything);
        await EmitAsync(study, Modified(instance));
        await FanOutAsync(Everything);

        Delivery first = await ClaimOneAsync(Everything);
        await SettleAsync(first, DeliveryOutcome.Delivered);
        await RegisterAsync(newest);
        await EmitAsync(study, Modified(instance));
        Delivery second = Assert.Single(await FanOutAndClaimAsync(newest));
        await SettleAsync(second, DeliveryOutcome.Delivered);
        Delivery third = await ClaimOneAsync(newest);

        Assert.Equal([1L, 2L, 3L], new[] { first.Sequence, second.Sequence, third.Sequence });
    }
}
