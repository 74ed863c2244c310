using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>The common base of the kit of deliveries.</summary>
public abstract class DeliveryConformance : ManifestConformance
{
    protected static TimeSpan Lease { get; } = TimeSpan.FromSeconds(30);

    /// <summary>A binding for the newest state of instances.</summary>
    protected static BindingDefinition Instances { get; } = new() { Name = "archive", Kind = "stow", Types = [EventType.DicomAvailable] };

    /// <summary>A binding for the newest revision of studies.</summary>
    protected static BindingDefinition Studies { get; } = new() { Name = "records", Kind = "fhir", Types = [EventType.StudyRevision] };

    /// <summary>A binding for every event.</summary>
    protected static BindingDefinition Everything { get; } =
        new() { Name = "hook", Kind = "webhook", Types = EventTypes.All, KeepsEveryEvent = true };

    protected static InstanceId NewInstance() => new(new SeriesInstanceUid(SampleStudy.NewUid()), new SopInstanceUid(SampleStudy.NewUid()));

    protected static EventDraft Added(
        InstanceId instance, string modality = "CT", string? callingAe = null, EventType type = EventType.DicomAvailable) => new()
    {
        Type = type,
        Instance = instance,
        Change = ChangeKind.Addition,
        Modalities = modality.Split('\\'),
        CallingAeTitle = callingAe,
        Object = SampleStudy.NewObject(),
    };

    protected static EventDraft Modified(InstanceId instance) => Added(instance) with { Change = ChangeKind.Modification };

    protected static EventDraft Revised(int revision, string modality = "CT")
        => new() { Type = EventType.StudyRevision, Revision = revision, Modalities = modality.Split('\\') };

    /// <summary>Commits events of a study.</summary>
    protected Task EmitAsync(SampleStudy study, params EventDraft[] events) => SaveAsync(study, study.Change() with { Events = events });

    /// <summary>Commits an addition of each of some new instances of a new study.</summary>
    protected async Task<InstanceId[]> EmitNewAsync(int count)
    {
        InstanceId[] instances = [.. Enumerable.Range(0, count).Select(_ => NewInstance())];
        await EmitAsync(new SampleStudy(), [.. instances.Select(instance => Added(instance))]);
        return instances;
    }

    /// <summary>Stores instances in a new series, with their events.</summary>
    protected async Task<InstanceChange[]> StoreAsync(SampleStudy study, int count, string modality = "CT")
    {
        SeriesInstanceUid series = study.Series(modality);
        InstanceChange[] instances = [.. Enumerable.Range(0, count).Select(_ => SampleStudy.Instance(series))];
        await SaveAsync(
            study, study.Store(instances) with { Events = [.. instances.Select(instance => Added(instance.State.Id, modality))] });
        return instances;
    }

    /// <summary>Lets the study settle into a revision.</summary>
    protected async Task CloseAsync(SampleStudy study)
    {
        StudyState? stored = await Store.LoadStudyAsync(study.Key, CancellationToken.None);
        StudyChange opening = study.Change();
        await SaveAsync(study, opening with
        {
            After = opening.After with { NextRevision = stored!.NextRevision },
            Timing = new RevisionTiming(TimeSpan.Zero, TimeSpan.Zero),
        });
        RevisionClaim claim = Assert.Single(await Revisions.ClaimDueAsync("kit", Lease, 10, CancellationToken.None));
        StudyChange change = study.Change();
        await SaveAsync(study, change with
        {
            After = change.After with { NextRevision = claim.Revision + 1 },
            ChangedSeries = [],
            Closing = new RevisionClosing(claim, new byte[] { 1, 2, 3 }),
            Events = [Revised(claim.Revision)],
        });
    }

    protected Task RegisterAsync(BindingDefinition binding) => Deliveries.RegisterAsync(binding, CancellationToken.None);

    /// <summary>Turns all events into deliveries; returns how many turns that took.</summary>
    protected async Task<int> FanOutAsync(BindingDefinition binding, int max = 100)
    {
        int turns = 1;
        while ((await Deliveries.FanOutAsync(binding, max, CancellationToken.None)).HasMore)
        {
            Assert.True(++turns < 100, "The fan-out does not end.");
        }

        return turns;
    }

    protected Task<DeliveryClaim> TryClaimAsync(BindingDefinition binding, int max = 100, string owner = "one")
        => Deliveries.ClaimAsync(binding.Name, owner, Lease, max, CancellationToken.None);

    protected async Task<IReadOnlyList<Delivery>> ClaimAsync(BindingDefinition binding, int max = 100)
        => (await TryClaimAsync(binding, max)).Deliveries;

    protected async Task<Delivery> ClaimOneAsync(BindingDefinition binding) => Assert.Single(await ClaimAsync(binding));

    protected async Task<IReadOnlyList<Delivery>> FanOutAndClaimAsync(BindingDefinition binding)
    {
        await FanOutAsync(binding);
        return await ClaimAsync(binding);
    }

    protected Task SettleAsync(Delivery delivery, DeliveryOutcome outcome, TimeSpan delay = default, string? error = null)
        => Deliveries.SettleAsync([new DeliverySettlement(delivery, outcome, delay, error)], CancellationToken.None);

    protected Task SettleAllAsync(IEnumerable<Delivery> deliveries, DeliveryOutcome outcome, string? error = null)
        => Deliveries.SettleAsync(
            [.. deliveries.Select(delivery => new DeliverySettlement(delivery, outcome, Error: error))], CancellationToken.None);

    protected async Task<BindingStatus?> FindStatusAsync(BindingDefinition binding)
        => (await Bindings.ListAsync(CancellationToken.None)).SingleOrDefault(status => status.Name == binding.Name);

    protected async Task<BindingStatus> StatusAsync(BindingDefinition binding)
    {
        BindingStatus? status = await FindStatusAsync(binding);
        Assert.NotNull(status);
        return status;
    }

    protected async Task<IReadOnlyList<DeadLetter>> DeadLettersAsync(BindingDefinition binding)
        => await Bindings.ListDeadLettersAsync(binding.Name, 0, 100, CancellationToken.None);
}
