using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>
/// The deliveries of all bindings, kept with the manifest (design promise 4). Deliveries of one instance, or one study, to one binding are
/// leased one at a time in the order of their events. Every implementation passes the same conformance kit.
/// </summary>
public interface IDeliveryQueue
{
    /// <summary>
    /// Makes the binding known, with its start; nothing changes when it already is, except its kind and whether it keeps every event.
    /// </summary>
    /// <exception cref="ArgumentException">It keeps the newest state only, and takes both events of instances and revisions.</exception>
    Task RegisterAsync(BindingDefinition binding, CancellationToken cancellationToken);

    /// <summary>
    /// Turns the next events, or the next part of the snapshot, into deliveries: one short transaction. A binding that is not registered
    /// has none.
    /// </summary>
    /// <param name="binding">As it was registered; its filter and types are applied here.</param>
    /// <param name="max">The most events, or rows of the snapshot, to look at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<FanOutResult> FanOutAsync(BindingDefinition binding, int max, CancellationToken cancellationToken);

    /// <summary>Leases deliveries that are due, the longest due first.</summary>
    Task<DeliveryClaim> ClaimAsync(string binding, string owner, TimeSpan lease, int max, CancellationToken cancellationToken);

    /// <summary>Lets the leases go on from now; those that were lost stay lost.</summary>
    Task RenewAsync(IReadOnlyCollection<Delivery> deliveries, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Records what became of claimed deliveries; those whose lease was lost to another claim are ignored.</summary>
    Task SettleAsync(IReadOnlyCollection<DeliverySettlement> settlements, CancellationToken cancellationToken);
}

/// <summary>A binding as its queue knows it.</summary>
public sealed record BindingDefinition
{
    /// <summary>1 to 64 lower-case ASCII letters, digits or dashes.</summary>
    public required string Name { get; init; }

    /// <summary>What delivers: <c>stow</c>, <c>fhir</c>, <c>webhook</c>, <c>cstore</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The events that it delivers.</summary>
    public required IReadOnlyCollection<EventType> Types { get; init; }

    public BindingFilter Filter { get; init; } = BindingFilter.None;

    public BindingStart Start { get; init; }

    /// <summary>
    /// Every event is delivered, in order for each instance and study. False where the newest state is all that counts: then a newer
    /// event of the same instance or study takes the place of an older one that was not delivered yet.
    /// </summary>
    public bool KeepsEveryEvent { get; init; }
}

/// <summary>Where a binding begins when it is first seen.</summary>
public enum BindingStart
{
    /// <summary>With the next event.</summary>
    Now,

    /// <summary>
    /// With everything that the manifest holds, then the log from there on; a binding that keeps every event begins with the oldest one
    /// that is kept.
    /// </summary>
    Beginning,
}

/// <summary>Which events a binding takes; an empty list takes all.</summary>
/// <param name="Providers">Storage spaces.</param>
/// <param name="Modalities">Values of Modality (0008,0060): of the instance, or of any series of the study.</param>
/// <param name="CallingAeTitles">Calling AE titles that brought the instance; an event without one does not match.</param>
public sealed record BindingFilter(
    IReadOnlyList<ProviderName> Providers, IReadOnlyList<string> Modalities, IReadOnlyList<string> CallingAeTitles)
{
    public static BindingFilter None { get; } = new([], [], []);
}

/// <summary>Something that a binding has to deliver, leased to whoever claimed it.</summary>
public sealed record Delivery
{
    public required long Id { get; init; }

    /// <summary>The fencing token of the claim: a settlement with an older one is ignored.</summary>
    public required long Token { get; init; }

    public required string Binding { get; init; }

    public required EventType Type { get; init; }

    public required StudyKey Study { get; init; }

    /// <summary>The instance; null for a study revision.</summary>
    public InstanceId? Instance { get; init; }

    /// <summary>
    /// What happened to the instance; a modification that was not delivered stays one when an addition supersedes it. Null for a study
    /// revision.
    /// </summary>
    public ChangeKind? Change { get; init; }

    /// <summary>The revision; null for an instance.</summary>
    public int? Revision { get; init; }

    /// <summary>The number of the newest event behind it; of the last event before the snapshot for what comes from a snapshot.</summary>
    public required long Sequence { get; init; }

    /// <summary>Attempts that failed so far.</summary>
    public required int Attempts { get; init; }

    /// <summary>The binding has delivered this instance before, be it that it was deleted since and stored again.</summary>
    public bool WasDelivered { get; init; }

    /// <summary>
    /// The target may hold other content of the instance, so that its word that it has the instance already is no success.
    /// </summary>
    public bool IsReplacement => Change == ChangeKind.Modification || WasDelivered;
}

/// <summary>What a claim found.</summary>
/// <param name="Deliveries">Leased now; empty when nothing is due or the binding is paused.</param>
/// <param name="IsPaused">The binding is paused.</param>
/// <param name="NextIn">
/// How long until the next delivery is due or its lease ends; zero when more is due now, null when none waits or the binding is paused.
/// </param>
public sealed record DeliveryClaim(IReadOnlyList<Delivery> Deliveries, bool IsPaused, TimeSpan? NextIn);

/// <summary>
/// Tells the queue what became of a claimed delivery. When a newer event superseded it meanwhile, that one waits from now on, whatever the
/// outcome.
/// </summary>
/// <param name="Delivery">As it was claimed.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Delay">For <see cref="DeliveryOutcome.Retry"/> and <see cref="DeliveryOutcome.Released"/>: how long to wait.</param>
/// <param name="Error">Why it failed, without patient data, at most 1,000 characters.</param>
public sealed record DeliverySettlement(Delivery Delivery, DeliveryOutcome Outcome, TimeSpan Delay = default, string? Error = null);

/// <summary>What became of a claimed delivery.</summary>
public enum DeliveryOutcome
{
    /// <summary>The target has it: the delivery is removed, and that an instance was delivered is remembered.</summary>
    Delivered,

    /// <summary>The attempt failed; it is tried again later, and counts.</summary>
    Retry,

    /// <summary>Will never pass, or failed too often: it waits for an operator.</summary>
    DeadLetter,

    /// <summary>It was not tried: it can be claimed again, and nothing counts.</summary>
    Released,

    /// <summary>There is nothing left to deliver: the delivery is removed.</summary>
    Gone,
}

/// <summary>What a turn of events into deliveries did.</summary>
/// <param name="Cursor">The number of the last event that was looked at.</param>
/// <param name="HasMore">More events, or more of the snapshot, wait.</param>
public readonly record struct FanOutResult(long Cursor, bool HasMore);
