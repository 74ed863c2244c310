using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>How every delivery queue turns events and the manifest into deliveries.</summary>
public abstract class DeliveryFanOutConformance : DeliveryConformance
{
    [Fact]
    public async Task A_binding_from_now_takes_only_what_comes_after_its_registration()
    {
        await EmitNewAsync(2);
        await RegisterAsync(Instances);
        InstanceId[] later = await EmitNewAsync(2);

        IReadOnlyList<Delivery> deliveries = await FanOutAndClaimAsync(Instances);

        Assert.Equal(later, deliveries.Select(delivery => delivery.Instance!.Value));
        Assert.Equal([3L, 4L], deliveries.Select(delivery => delivery.Sequence));
    }

    [Fact]
    public async Task A_delivery_says_what_its_event_said()
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await RegisterAsync(Instances);
        await RegisterAsync(Studies);
        await EmitAsync(study, Modified(instance), Revised(4));

        Delivery ofInstance = Assert.Single(await FanOutAndClaimAsync(Instances));
        Delivery ofStudy = Assert.Single(await FanOutAndClaimAsync(Studies));

        Assert.Equal((EventType.DicomAvailable, study.Key, instance), (ofInstance.Type, ofInstance.Study, ofInstance.Instance!.Value));
        Assert.Equal(
            (ChangeKind.Modification, null, 1L, 0, "archive"),
            (ofInstance.Change, ofInstance.Revision, ofInstance.Sequence, ofInstance.Attempts, ofInstance.Binding));
        Assert.Equal((EventType.StudyRevision, study.Key, null), (ofStudy.Type, ofStudy.Study, ofStudy.Instance));
        Assert.Equal((null, 4, 2L), (ofStudy.Change, ofStudy.Revision, ofStudy.Sequence));
    }

    [Fact]
    public async Task A_second_registration_changes_nothing_but_the_kind()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(2);
        await RegisterAsync(Instances with { Start = BindingStart.Beginning });
        Assert.Equal(2, (await FanOutAndClaimAsync(Instances)).Count);

        await RegisterAsync(Instances with { Kind = "cstore" });

        BindingStatus status = await StatusAsync(Instances);
        Assert.Equal(("cstore", 2L, 2L, false), (status.Kind, status.Cursor, status.Waiting, status.IsInSnapshot));
    }

    [Fact]
    public async Task Each_turn_looks_at_no_more_events_than_asked()
    {
        await RegisterAsync(Instances);
        await EmitNewAsync(5);

        Assert.Equal(new FanOutResult(2, HasMore: true), await Deliveries.FanOutAsync(Instances, 2, CancellationToken.None));
        Assert.Equal(new FanOutResult(4, HasMore: true), await Deliveries.FanOutAsync(Instances, 2, CancellationToken.None));
        Assert.Equal(new FanOutResult(5, HasMore: false), await Deliveries.FanOutAsync(Instances, 2, CancellationToken.None));
        Assert.Equal(new FanOutResult(5, HasMore: false), await Deliveries.FanOutAsync(Instances, 2, CancellationToken.None));
        Assert.Equal(5, (await ClaimAsync(Instances)).Count);
    }

    [Fact]
    public async Task The_cursor_passes_events_that_do_not_match()
    {
        await RegisterAsync(Studies);
        await EmitNewAsync(3);

        Assert.Equal(new FanOutResult(3, HasMore: false), await Deliveries.FanOutAsync(Studies, 10, CancellationToken.None));

        Assert.Empty(await ClaimAsync(Studies));
        Assert.Equal(3, (await StatusAsync(Studies)).Cursor);
    }

    [Fact]
    public async Task Modalities_match_whole_values_in_any_case()
    {
        BindingDefinition binding = Instances with { Filter = BindingFilter.None with { Modalities = ["mr", "PT"] } };
        InstanceId[] instances = [NewInstance(), NewInstance(), NewInstance(), NewInstance()];
        await RegisterAsync(binding);
        await EmitAsync(
            new SampleStudy(),
            Added(instances[0], "MR"),
            Added(instances[1], "CT\\PT"),
            Added(instances[2], "CT"),
            Added(instances[3], "MRX"));
        await EmitAsync(new SampleStudy(), Added(NewInstance()) with { Modalities = [] });

        Assert.Equal(instances[..2], (await FanOutAndClaimAsync(binding)).Select(delivery => delivery.Instance!.Value));
    }

    [Fact]
    public async Task Calling_ae_titles_match_exactly_and_an_event_without_one_does_not()
    {
        BindingDefinition binding = Instances with { Filter = BindingFilter.None with { CallingAeTitles = ["CT 1", "MR1"] } };
        InstanceId match = NewInstance();
        await RegisterAsync(binding);
        await EmitAsync(
            new SampleStudy(),
            Added(match, callingAe: "CT 1"),
            Added(NewInstance(), callingAe: "ct 1"),
            Added(NewInstance(), callingAe: "CT"),
            Added(NewInstance(), callingAe: "MR12"),
            Added(NewInstance()));

        Assert.Equal(match, Assert.Single(await FanOutAndClaimAsync(binding)).Instance);
    }

    [Fact]
    public async Task Storage_spaces_with_the_same_uids_stay_apart()
    {
        SampleStudy here = new();
        SampleStudy there = new(here.Key with { Provider = new ProviderName("other") });
        InstanceId instance = NewInstance();
        BindingDefinition oneSpace = Instances with
        {
            Name = "one-space",
            Filter = BindingFilter.None with { Providers = [there.Key.Provider] }
        };
        await RegisterAsync(Instances);
        await RegisterAsync(oneSpace);
        await EmitAsync(here, Added(instance));
        await EmitAsync(there, Added(instance));

        Assert.Equal([here.Key, there.Key], (await FanOutAndClaimAsync(Instances)).Select(delivery => delivery.Study));
        Assert.Equal(there.Key, Assert.Single(await FanOutAndClaimAsync(oneSpace)).Study);
    }

    [Fact]
    public async Task The_newest_of_several_events_in_one_turn_is_delivered()
    {
        SampleStudy study = new();
        InstanceId instance = NewInstance();
        await RegisterAsync(Instances);
        await RegisterAsync(Studies);
        await EmitAsync(study, Added(instance), Modified(instance), Added(instance), Revised(0), Revised(1));

        Delivery delivery = Assert.Single(await FanOutAndClaimAsync(Instances));

        Assert.Equal((3L, ChangeKind.Modification), (delivery.Sequence, delivery.Change));
        Assert.Equal(1, Assert.Single(await FanOutAndClaimAsync(Studies)).Revision);
    }

    [Fact]
    public async Task A_binding_for_every_event_begins_with_the_oldest_that_is_kept()
    {
        await EmitNewAsync(1);
        Time.Advance(TimeSpan.FromHours(1));
        await EmitNewAsync(2);
        Assert.Equal(1, await Events.RemoveOlderAsync(Time.GetUtcNow(), CancellationToken.None));
        await RegisterAsync(Everything with { Start = BindingStart.Beginning });

        Assert.Equal([2L, 3L], (await FanOutAndClaimAsync(Everything)).Select(delivery => delivery.Sequence));
    }

    [Fact]
    public async Task A_binding_that_is_not_registered_has_nothing()
    {
        await EmitNewAsync(1);

        Assert.False((await Deliveries.FanOutAsync(Instances, 10, CancellationToken.None)).HasMore);
        DeliveryClaim claim = await TryClaimAsync(Instances);
        Assert.Empty(claim.Deliveries);
        Assert.Equal((false, null), (claim.IsPaused, claim.NextIn));
    }
}
