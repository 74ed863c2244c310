using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>
/// How every delivery queue begins from the start: with the manifest, then with the log, so that nothing is lost or comes twice.
/// </summary>
public abstract class DeliverySnapshotConformance : DeliveryConformance
{
    private static readonly BindingDefinition Archive = Instances with { Start = BindingStart.Beginning };
    private static readonly BindingDefinition Records = Studies with { Start = BindingStart.Beginning };

    [Fact]
    public async Task A_snapshot_delivers_every_instance_once_and_then_the_log()
    {
        SampleStudy study = new();
        InstanceChange[] before = await StoreAsync(study, 5);
        await RegisterAsync(Archive);
        Assert.True((await StatusAsync(Archive)).IsInSnapshot);
        Assert.True((await Deliveries.FanOutAsync(Archive, 2, CancellationToken.None)).HasMore);
        InstanceChange[] meanwhile = await StoreAsync(study, 3);

        await FanOutAsync(Archive, 2);

        IReadOnlyList<Delivery> deliveries = await ClaimAsync(Archive);
        Assert.Equal(
            before.Concat(meanwhile).Select(instance => instance.State.Id), deliveries.Select(delivery => delivery.Instance!.Value));
        Assert.All(
            deliveries, delivery => Assert.Equal((EventType.DicomAvailable, ChangeKind.Addition), (delivery.Type, delivery.Change!.Value)));
        Assert.Equal([5, 5, 5, 5, 5, 6, 7, 8], deliveries.Select(delivery => delivery.Sequence));
        Assert.False((await StatusAsync(Archive)).IsInSnapshot);
    }

    [Fact]
    public async Task What_changes_during_a_snapshot_is_delivered_once_by_the_log()
    {
        SampleStudy study = new();
        InstanceChange[] before = await StoreAsync(study, 2);
        await RegisterAsync(Archive);
        InstanceChange replaced = before[1];
        await SaveAsync(study, study.Store(replaced) with { Events = [Modified(replaced.State.Id)] });
        Assert.True((await Deliveries.FanOutAsync(Archive, 10, CancellationToken.None)).HasMore);

        Assert.Equal(before[0].State.Id, (await ClaimOneAsync(Archive)).Instance);
        await FanOutAsync(Archive);
        Delivery modified = await ClaimOneAsync(Archive);

        Assert.Equal(
            (replaced.State.Id, ChangeKind.Modification, 3L), (modified.Instance!.Value, modified.Change!.Value, modified.Sequence));
    }

    [Fact]
    public async Task What_is_deleted_before_the_snapshot_comes_to_it_is_left_out()
    {
        SampleStudy study = new();
        InstanceChange[] before = await StoreAsync(study, 3);
        await RegisterAsync(Archive);
        await SaveAsync(study, study.Remove(before[0].State, before[2].State));

        Assert.Equal(before[1].State.Id, Assert.Single(await FanOutAndClaimAsync(Archive)).Instance);
    }

    [Fact]
    public async Task A_snapshot_goes_on_after_a_restart()
    {
        InstanceChange[] before = await StoreAsync(new SampleStudy(), 5);
        await RegisterAsync(Archive);
        await Deliveries.FanOutAsync(Archive, 3, CancellationToken.None);

        await ReopenAsync();
        await RegisterAsync(Archive);
        await FanOutAsync(Archive, 3);

        Assert.Equal(
            before.Select(instance => instance.State.Id), (await ClaimAsync(Archive)).Select(delivery => delivery.Instance!.Value));
    }

    [Fact]
    public async Task A_snapshot_of_studies_delivers_the_newest_revision_of_each()
    {
        SampleStudy twice = new();
        SampleStudy once = new();
        SampleStudy open = new();
        await StoreAsync(twice, 1);
        await CloseAsync(twice);
        await CloseAsync(twice);
        await StoreAsync(once, 1);
        await CloseAsync(once);
        await StoreAsync(open, 1);
        await RegisterAsync(Records);
        await CloseAsync(once);

        await FanOutAsync(Records, 1);

        IReadOnlyList<Delivery> deliveries = await ClaimAsync(Records);
        Assert.Equal([(twice.Key, 1), (once.Key, 1)], deliveries.Select(delivery => (delivery.Study, delivery.Revision!.Value)));
        Assert.All(deliveries, delivery => Assert.Null(delivery.Instance));
        Assert.Equal([6L, 7L], deliveries.Select(delivery => delivery.Sequence));
    }

    [Fact]
    public async Task A_snapshot_applies_the_filter()
    {
        SampleStudy here = new();
        SampleStudy there = new(here.Key with { Provider = new ProviderName("other") });
        InstanceChange[] match = await StoreAsync(here, 2, "MR\\PT");
        await StoreAsync(here, 1, "CT");
        await StoreAsync(there, 1, "MR");
        BindingFilter filter = new([here.Key.Provider], ["mr"], []);
        BindingDefinition filtered = Archive with { Filter = filter };
        BindingDefinition byCaller = Archive with { Name = "by-caller", Filter = filter with { CallingAeTitles = ["CT1"] } };
        await RegisterAsync(filtered);
        await RegisterAsync(byCaller);

        Assert.Equal(
            match.Select(instance => instance.State.Id),
            (await FanOutAndClaimAsync(filtered)).Select(delivery => delivery.Instance!.Value));
        Assert.Empty(await FanOutAndClaimAsync(byCaller));
        Assert.False((await StatusAsync(byCaller)).IsInSnapshot);
    }

    [Fact]
    public async Task An_empty_manifest_needs_no_snapshot()
    {
        await RegisterAsync(Archive);
        Assert.False((await StatusAsync(Archive)).IsInSnapshot);

        InstanceChange[] later = await StoreAsync(new SampleStudy(), 1);

        Assert.Equal(later[0].State.Id, Assert.Single(await FanOutAndClaimAsync(Archive)).Instance);
    }

    [Fact]
    public async Task A_binding_of_newest_states_takes_instances_or_revisions_but_not_both()
        => await Assert.ThrowsAsync<ArgumentException>(() => RegisterAsync(Archive with { Types = EventTypes.All }));
}
