using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>How every store shows bindings to operators and changes them.</summary>
public abstract class BindingAdministrationConformance : DeliveryConformance
{
    [Fact]
    public async Task Bindings_are_listed_by_name_with_what_waits()
    {
        await RegisterAsync(Everything);
        await RegisterAsync(Instances);
        DateTimeOffset since = Time.GetUtcNow();
        await EmitNewAsync(3);
        IReadOnlyList<Delivery> claimed = await FanOutAndClaimAsync(Instances);
        Time.Advance(TimeSpan.FromSeconds(1));
        await SettleAsync(claimed[0], DeliveryOutcome.DeadLetter, error: "never");
        await SettleAsync(claimed[1], DeliveryOutcome.Retry, error: "refused");
        await EmitNewAsync(1);
        await FanOutAsync(Instances);

        IReadOnlyList<BindingStatus> bindings = await Bindings.ListAsync(CancellationToken.None);

        Assert.Equal(
            [
                new BindingStatus
                {
                    Name = "archive", Kind = "stow", IsPaused = false, Cursor = 4, IsInSnapshot = false, Waiting = 3, DeadLetters = 1,
                    OldestWaitingSince = since,
                },
                new BindingStatus
                {
                    Name = "hook",
                    Kind = "webhook",
                    IsPaused = false,
                    Cursor = 0,
                    IsInSnapshot = false,
                    Waiting = 0,
                    DeadLetters = 0
                },
            ],
            bindings);
    }

    [Fact]
    public async Task A_paused_binding_hands_out_nothing_and_goes_on_collecting()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(1);
        Delivery onItsWay = Assert.Single(await FanOutAndClaimAsync(Instances));

        Assert.True(await Bindings.SetPausedAsync(Instances.Name, isPaused: true, CancellationToken.None));
        await EmitNewAsync(1);
        await FanOutAsync(Instances);
        DeliveryClaim paused = await TryClaimAsync(Instances);
        await SettleAsync(onItsWay, DeliveryOutcome.Delivered);

        Assert.Empty(paused.Deliveries);
        Assert.True(paused.IsPaused);
        BindingStatus status = await StatusAsync(Instances);
        Assert.Equal((true, 1L), (status.IsPaused, status.Waiting));
        await ReopenAsync();
        Assert.Empty(await ClaimAsync(Instances));

        Assert.True(await Bindings.SetPausedAsync(Instances.Name, isPaused: false, CancellationToken.None));
        DeliveryClaim going = await TryClaimAsync(Instances);
        Assert.Single(going.Deliveries);
        Assert.False(going.IsPaused);
        Assert.False(await Bindings.SetPausedAsync("nobody", isPaused: true, CancellationToken.None));
    }

    [Fact]
    public async Task A_dead_letter_says_what_when_and_why()
    {
        await RegisterAsync(Instances);
        InstanceId[] instances = await EmitNewAsync(1);
        Delivery delivery = Assert.Single(await FanOutAndClaimAsync(Instances));
        Time.Advance(TimeSpan.FromSeconds(5));
        await SettleAsync(delivery, DeliveryOutcome.DeadLetter, error: new string('x', 2000));

        DeadLetter letter = Assert.Single(await DeadLettersAsync(Instances));

        Assert.Equal((delivery.Id, instances[0], 1), (letter.Delivery.Id, letter.Delivery.Instance!.Value, letter.Delivery.Attempts));
        Assert.Equal((Time.GetUtcNow(), new string('x', 1000)), (letter.DeadSince, letter.Error));
        Assert.Equal(letter, await Bindings.FindDeadLetterAsync(Instances.Name, delivery.Id, CancellationToken.None));
        Assert.Null(await Bindings.FindDeadLetterAsync(Instances.Name, delivery.Id + 1, CancellationToken.None));
        Assert.Null(await Bindings.FindDeadLetterAsync("nobody", delivery.Id, CancellationToken.None));
        Time.Advance(TimeSpan.FromDays(1));
        Assert.Null((await TryClaimAsync(Instances)).NextIn);
    }

    [Fact]
    public async Task Dead_letters_are_listed_in_pages()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(5);
        IReadOnlyList<Delivery> claimed = await FanOutAndClaimAsync(Instances);
        await SettleAllAsync(claimed, DeliveryOutcome.DeadLetter, "never");

        IReadOnlyList<DeadLetter> first = await Bindings.ListDeadLettersAsync(Instances.Name, 0, 3, CancellationToken.None);
        IReadOnlyList<DeadLetter> second =
            await Bindings.ListDeadLettersAsync(Instances.Name, first[^1].Delivery.Id, 3, CancellationToken.None);

        Assert.Equal(claimed.Select(delivery => delivery.Id), first.Concat(second).Select(letter => letter.Delivery.Id));
        Assert.Equal((3, 2), (first.Count, second.Count));
    }

    [Fact]
    public async Task A_replayed_letter_is_delivered_again_with_all_attempts_anew()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(2);
        IReadOnlyList<Delivery> claimed = await FanOutAndClaimAsync(Instances);
        await SettleAllAsync(claimed, DeliveryOutcome.DeadLetter, "never");

        Assert.Equal(1, await Bindings.ReplayAsync(Instances.Name, claimed[1].Id, CancellationToken.None));
        Assert.Equal(0, await Bindings.ReplayAsync(Instances.Name, claimed[1].Id, CancellationToken.None));

        Delivery replayed = await ClaimOneAsync(Instances);
        Assert.Equal((claimed[1].Id, 0), (replayed.Id, replayed.Attempts));
        Assert.Equal(claimed[0].Id, Assert.Single(await DeadLettersAsync(Instances)).Delivery.Id);
        Assert.Equal(0, await Bindings.ReplayAsync("nobody", id: null, CancellationToken.None));
    }

    [Fact]
    public async Task All_letters_of_one_binding_are_replayed_however_many()
    {
        BindingDefinition second = Instances with { Name = "second" };
        await BuryAsync(Instances, 1201);
        await BuryAsync(second, 1);

        Assert.Equal(1201, await Bindings.ReplayAsync(Instances.Name, id: null, CancellationToken.None));

        BindingStatus status = await StatusAsync(Instances);
        Assert.Equal((1201L, 0L), (status.Waiting, status.DeadLetters));
        Assert.Equal(1, (await StatusAsync(second)).DeadLetters);
        Assert.Equal(1201, (await ClaimAsync(Instances, 2000)).Count);
    }

    [Fact]
    public async Task Letters_are_dropped_one_or_all()
    {
        await BuryAsync(Instances, 1201);
        long one = (await DeadLettersAsync(Instances))[7].Delivery.Id;
        InstanceId[] waiting = await EmitNewAsync(1);
        await FanOutAsync(Instances);

        Assert.Equal(1, await Bindings.DropAsync(Instances.Name, one, CancellationToken.None));
        Assert.Equal(0, await Bindings.DropAsync(Instances.Name, one, CancellationToken.None));
        Assert.Equal(1200, await Bindings.DropAsync(Instances.Name, id: null, CancellationToken.None));

        Assert.Equal(waiting[0], (await ClaimOneAsync(Instances)).Instance);
        Assert.Equal(0, (await StatusAsync(Instances)).DeadLetters);
    }

    [Fact]
    public async Task A_removed_binding_is_forgotten_with_all_its_deliveries()
    {
        BindingDefinition second = Instances with { Name = "second" };
        await RegisterAsync(second);
        await BuryAsync(Instances, 700);
        await EmitNewAsync(700);
        IReadOnlyList<Delivery> claimed = await FanOutAndClaimAsync(Instances);
        await FanOutAsync(second, 1000);

        Assert.True(await Bindings.RemoveAsync(Instances.Name, CancellationToken.None));
        await SettleAllAsync(claimed, DeliveryOutcome.Retry, "late");

        Assert.False(await Bindings.RemoveAsync(Instances.Name, CancellationToken.None));
        Assert.Null(await FindStatusAsync(Instances));
        Assert.Equal(1400, (await StatusAsync(second)).Waiting);
        await RegisterAsync(Instances);
        await EmitNewAsync(1);
        Assert.Single(await FanOutAndClaimAsync(Instances));
    }

    private async Task BuryAsync(BindingDefinition binding, int count)
    {
        await RegisterAsync(binding);
        await EmitNewAsync(count);
        await FanOutAsync(binding, 1000);
        await SettleAllAsync(await ClaimAsync(binding, count), DeliveryOutcome.DeadLetter, "never");
    }
}
