using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>How every delivery queue leases and settles deliveries.</summary>
public abstract class DeliveryQueueConformance : DeliveryConformance
{
    [Fact]
    public async Task What_is_delivered_is_gone()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(3);
        IReadOnlyList<Delivery> claimed = await FanOutAndClaimAsync(Instances);

        await SettleAllAsync(claimed, DeliveryOutcome.Delivered);

        Time.Advance(TimeSpan.FromDays(1));
        DeliveryClaim claim = await TryClaimAsync(Instances);
        Assert.Empty(claim.Deliveries);
        Assert.Null(claim.NextIn);
    }

    [Fact]
    public async Task Two_claimers_that_race_never_get_the_same_delivery()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(60);
        await FanOutAsync(Instances);

        DeliveryClaim[] claims =
            await Task.WhenAll(Enumerable.Range(0, 10).Select(number => Task.Run(() => TryClaimAsync(Instances, 10, $"owner {number}"))));

        long[] ids = [.. claims.SelectMany(claim => claim.Deliveries).Select(delivery => delivery.Id)];
        Assert.Equal(60, ids.Length);
        Assert.Equal(60, ids.Distinct().Count());
    }

    [Fact]
    public async Task The_longest_due_are_claimed_first_and_the_claim_says_when_the_next_is_due()
    {
        await RegisterAsync(Instances);
        InstanceId[] instances = await EmitNewAsync(3);
        IReadOnlyList<Delivery> claimed = await FanOutAndClaimAsync(Instances);
        await SettleAsync(claimed[0], DeliveryOutcome.Retry, TimeSpan.FromSeconds(9), "later");
        await SettleAsync(claimed[1], DeliveryOutcome.Retry, TimeSpan.FromSeconds(5), "sooner");
        await SettleAsync(claimed[2], DeliveryOutcome.Retry, TimeSpan.FromSeconds(7), "between");

        DeliveryClaim none = await TryClaimAsync(Instances);
        Time.Advance(TimeSpan.FromSeconds(8));
        DeliveryClaim first = await TryClaimAsync(Instances, 1);
        DeliveryClaim second = await TryClaimAsync(Instances);

        Assert.Empty(none.Deliveries);
        Assert.Equal(TimeSpan.FromSeconds(5), none.NextIn);
        Assert.Equal(instances[1], Assert.Single(first.Deliveries).Instance);
        Assert.Equal(TimeSpan.Zero, first.NextIn);
        Assert.Equal(instances[2], Assert.Single(second.Deliveries).Instance);
        Assert.Equal(TimeSpan.FromSeconds(1), second.NextIn);
    }

    [Fact]
    public async Task A_lease_that_ends_makes_the_delivery_claimable_and_its_settlement_void()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(1);
        Delivery lost = Assert.Single(await FanOutAndClaimAsync(Instances));
        Assert.Equal(Lease, (await TryClaimAsync(Instances)).NextIn);

        Time.Advance(Lease);
        Delivery taken = await ClaimOneAsync(Instances);
        await SettleAsync(lost, DeliveryOutcome.Delivered);
        await SettleAsync(lost, DeliveryOutcome.DeadLetter, error: "lost");
        await Deliveries.RenewAsync([lost], TimeSpan.FromHours(1), CancellationToken.None);

        Assert.Equal((lost.Id, lost.Token + 1, 0), (taken.Id, taken.Token, taken.Attempts));
        Time.Advance(Lease);
        Assert.Equal(taken.Id, (await ClaimOneAsync(Instances)).Id);
    }

    [Fact]
    public async Task A_settlement_after_the_lease_counts_while_nobody_else_has_claimed()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(1);
        Delivery late = Assert.Single(await FanOutAndClaimAsync(Instances));

        Time.Advance(2 * Lease);
        await SettleAsync(late, DeliveryOutcome.Delivered);

        Assert.Empty(await ClaimAsync(Instances));
    }

    [Fact]
    public async Task A_second_settlement_of_the_same_claim_is_ignored()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(1);
        Delivery delivery = Assert.Single(await FanOutAndClaimAsync(Instances));

        await SettleAsync(delivery, DeliveryOutcome.Retry, TimeSpan.FromSeconds(5), "once");
        await SettleAsync(delivery, DeliveryOutcome.Retry, TimeSpan.Zero, "twice");
        await SettleAsync(delivery, DeliveryOutcome.Delivered);

        Assert.Empty(await ClaimAsync(Instances));
        Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, (await ClaimOneAsync(Instances)).Attempts);
    }

    [Fact]
    public async Task A_renewed_lease_goes_on()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(1);
        Delivery delivery = Assert.Single(await FanOutAndClaimAsync(Instances));

        Time.Advance(Lease / 2);
        await Deliveries.RenewAsync([delivery], Lease, CancellationToken.None);
        Time.Advance(Lease / 2);

        Assert.Empty(await ClaimAsync(Instances));
        Time.Advance(Lease / 2);
        Assert.Equal(delivery.Id, (await ClaimOneAsync(Instances)).Id);
    }

    [Fact]
    public async Task A_retry_counts_and_a_release_does_not()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(1);
        Delivery delivery = Assert.Single(await FanOutAndClaimAsync(Instances));

        await SettleAsync(delivery, DeliveryOutcome.Retry, error: "refused");
        Delivery again = await ClaimOneAsync(Instances);
        await SettleAsync(again, DeliveryOutcome.Released, TimeSpan.FromSeconds(3));

        Assert.Equal(TimeSpan.FromSeconds(3), (await TryClaimAsync(Instances)).NextIn);
        Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal((1, 1), (again.Attempts, (await ClaimOneAsync(Instances)).Attempts));
    }

    [Fact]
    public async Task A_waiting_delivery_is_superseded_with_all_attempts_anew()
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await RegisterAsync(Instances);
        await EmitAsync(study, Modified(instance));
        Delivery older = Assert.Single(await FanOutAndClaimAsync(Instances));
        await SettleAsync(older, DeliveryOutcome.Retry, TimeSpan.FromHours(1), "refused");

        await EmitAsync(study, Added(instance));
        Delivery newer = Assert.Single(await FanOutAndClaimAsync(Instances));

        Assert.Equal((2L, 0, ChangeKind.Modification), (newer.Sequence, newer.Attempts, newer.Change!.Value));
    }

    [Theory]
    [InlineData(DeliveryOutcome.Delivered)]
    [InlineData(DeliveryOutcome.Retry)]
    [InlineData(DeliveryOutcome.DeadLetter)]
    [InlineData(DeliveryOutcome.Released)]
    public async Task What_is_superseded_on_its_way_waits_anew_whatever_became_of_it(DeliveryOutcome outcome)
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await RegisterAsync(Instances);
        await EmitAsync(study, Added(instance));
        Delivery first = Assert.Single(await FanOutAndClaimAsync(Instances));
        await SettleAsync(first, DeliveryOutcome.Retry, error: "refused");
        Delivery older = await ClaimOneAsync(Instances);

        await EmitAsync(study, Modified(instance));
        Assert.Empty(await FanOutAndClaimAsync(Instances));
        await SettleAsync(older, outcome, TimeSpan.FromHours(1), "whatever");
        Delivery newer = await ClaimOneAsync(Instances);

        Assert.Equal((2L, 0, ChangeKind.Modification), (newer.Sequence, newer.Attempts, newer.Change!.Value));
        Assert.Empty(await DeadLettersAsync(Instances));
        await SettleAsync(newer, DeliveryOutcome.Delivered);
        Assert.Equal(0, (await StatusAsync(Instances)).Waiting);
    }

    [Fact]
    public async Task A_lease_that_ends_gives_the_newer_event_to_the_next_claim()
    {
        SampleStudy study = new();
        await RegisterAsync(Studies);
        await EmitAsync(study, Revised(0));
        Delivery older = Assert.Single(await FanOutAndClaimAsync(Studies));
        await EmitAsync(study, Revised(1));
        await FanOutAsync(Studies);

        Time.Advance(Lease);
        Delivery newer = await ClaimOneAsync(Studies);
        await SettleAsync(older, DeliveryOutcome.Delivered);
        await SettleAsync(newer, DeliveryOutcome.Delivered);

        Assert.Equal((1, 2L), (newer.Revision!.Value, newer.Sequence));
        Assert.Equal(0, (await StatusAsync(Studies)).Waiting);
    }

    [Fact]
    public async Task A_dead_letter_that_is_superseded_lives_again()
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await RegisterAsync(Instances);
        await EmitAsync(study, Modified(instance));
        await SettleAsync(Assert.Single(await FanOutAndClaimAsync(Instances)), DeliveryOutcome.DeadLetter, error: "never");

        await EmitAsync(study, Added(instance));
        Delivery newer = Assert.Single(await FanOutAndClaimAsync(Instances));

        Assert.Equal((2L, 0, ChangeKind.Modification), (newer.Sequence, newer.Attempts, newer.Change!.Value));
        Assert.Empty(await DeadLettersAsync(Instances));
    }

    [Fact]
    public async Task Bindings_do_not_see_each_others_deliveries()
    {
        BindingDefinition second = Instances with { Name = "second" };
        await RegisterAsync(Instances);
        await RegisterAsync(second);
        await EmitNewAsync(1);
        await SettleAllAsync(await FanOutAndClaimAsync(Instances), DeliveryOutcome.Delivered);

        Delivery delivery = Assert.Single(await FanOutAndClaimAsync(second));

        Assert.Equal("second", delivery.Binding);
        Assert.Equal((0L, 1L), ((await StatusAsync(Instances)).Waiting, (await StatusAsync(second)).Waiting));
    }

    [Fact]
    public async Task Leases_attempts_and_dead_letters_outlast_a_restart()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(3);
        IReadOnlyList<Delivery> claimed = await FanOutAndClaimAsync(Instances);
        await SettleAsync(claimed[0], DeliveryOutcome.Retry, TimeSpan.FromSeconds(5), "refused");
        await SettleAsync(claimed[1], DeliveryOutcome.DeadLetter, error: "never");

        await ReopenAsync();
        await RegisterAsync(Instances);
        await FanOutAsync(Instances);

        Assert.Equal(TimeSpan.FromSeconds(5), (await TryClaimAsync(Instances)).NextIn);
        Assert.Equal("never", Assert.Single(await DeadLettersAsync(Instances)).Error);
        Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, (await ClaimOneAsync(Instances)).Attempts);
        await SettleAsync(claimed[2], DeliveryOutcome.Delivered);
        Assert.Equal(1, (await StatusAsync(Instances)).Waiting);
    }
}
