using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Ports;

/// <summary>The deliveries of all bindings, kept with the manifest (docs/design.md, promise 4).</summary>
/// <remarks>
/// Deliveries of one instance, or one study, to one binding are leased one at a time in the order of their events. Every implementation
/// passes the same conformance kit.
/// </remarks>
public interface IDeliveryQueue
{
    /// <summary>Registers a binding with its start. For a known one, only its kind and whether it keeps every event change.</summary>
    /// <exception cref="ArgumentException">It keeps only the newest state, and takes events of both instances and revisions.</exception>
    Task RegisterAsync(BindingDefinition binding, CancellationToken cancellationToken);

    /// <summary>Turns the next events, or the next part of the snapshot, into deliveries, in one short transaction.</summary>
    /// <remarks>Does nothing for a binding that is not registered.</remarks>
    /// <param name="binding">The registered binding; its filter and types are applied here.</param>
    /// <param name="max">The most events, or rows of the snapshot, to look at.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    Task<FanOutResult> FanOutAsync(BindingDefinition binding, int max, CancellationToken cancellationToken);

    /// <summary>Leases deliveries that are due, the longest due first.</summary>
    Task<DeliveryClaim> ClaimAsync(string binding, string owner, TimeSpan lease, int max, CancellationToken cancellationToken);

    /// <summary>Prolongs the leases from now on; lost ones stay lost.</summary>
    Task RenewAsync(IReadOnlyCollection<Delivery> deliveries, TimeSpan lease, CancellationToken cancellationToken);

    /// <summary>Records the outcome of claimed deliveries; those whose lease was lost to another claim are ignored.</summary>
    Task SettleAsync(IReadOnlyCollection<DeliverySettlement> settlements, CancellationToken cancellationToken);
}

/// <summary>A binding in its queue.</summary>
public sealed record BindingDefinition
{
    /// <summary>1 to 64 lower-case ASCII letters, digits or dashes.</summary>
    public required string Name { get; init; }

    /// <summary>The kind of its target: <c>stow</c>, <c>fhir</c>, <c>webhook</c>, <c>cstore</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The events that it delivers.</summary>
    public required IReadOnlyCollection<EventType> Types { get; init; }

    public BindingFilter Filter { get; init; } = BindingFilter.None;

    public BindingStart Start { get; init; }

    /// <summary>Every event is delivered, in order for each instance and study.</summary>
    /// <remarks>
    /// If false, only the newest state counts: a newer event of the same instance or study replaces an undelivered older one.
    /// </remarks>
    public bool KeepsEveryEvent { get; init; }
}

/// <summary>Where a binding begins when it is first seen.</summary>
public enum BindingStart
{
    /// <summary>With the next event.</summary>
    Now,

    /// <summary>With the content of the manifest, then the log from there on.</summary>
    /// <remarks>A binding that keeps every event begins with the oldest retained one.</remarks>
    Beginning,
}

/// <summary>The events that a binding takes; an empty list takes all.</summary>
/// <param name="Providers">Storage spaces.</param>
/// <param name="Modalities">Values of Modality (0008,0060): of the instance, or of any series of the study.</param>
/// <param name="CallingAeTitles">Calling AE titles that brought the instance; an event without one does not match.</param>
public sealed record BindingFilter(
    IReadOnlyList<ProviderName> Providers, IReadOnlyList<string> Modalities, IReadOnlyList<string> CallingAeTitles)
{
    public static BindingFilter None { get; } = new([], [], []);
}

/// <summary>A delivery of a binding, leased to the process that claimed it.</summary>
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

    /// <summary>What happened to the instance; null for a study revision.</summary>
    /// <remarks>An undelivered modification stays one if an addition supersedes it.</remarks>
    public ChangeKind? Change { get; init; }

    /// <summary>The revision; null for an instance.</summary>
    public int? Revision { get; init; }

    /// <summary>The number of its newest event; for a delivery of the snapshot, of the last event before the snapshot.</summary>
    public required long Sequence { get; init; }

    /// <summary>Attempts that failed so far.</summary>
    public required int Attempts { get; init; }

    /// <summary>The binding has delivered this instance before, even if it was deleted since and stored again.</summary>
    public bool WasDelivered { get; init; }

    /// <summary>The target may hold other content of the instance: its answer that it has the instance already is no success.</summary>
    public bool IsReplacement => Change == ChangeKind.Modification || WasDelivered;
}

/// <summary>The result of a claim.</summary>
/// <param name="Deliveries">The leased deliveries; empty if nothing is due or the binding is paused.</param>
/// <param name="IsPaused">The binding is paused.</param>
/// <param name="NextIn">
/// How long until the next delivery is due or its lease ends; zero if more is due now. Null if none waits or the binding is paused.
/// </param>
public sealed record DeliveryClaim(IReadOnlyList<Delivery> Deliveries, bool IsPaused, TimeSpan? NextIn);

/// <summary>The outcome of a claimed delivery.</summary>
/// <remarks>If a newer event superseded it meanwhile, that one waits from now on, whatever the outcome.</remarks>
/// <param name="Delivery">The claim as it was returned.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Delay">For <see cref="DeliveryOutcome.Retry"/> and <see cref="DeliveryOutcome.Released"/>: how long to wait.</param>
/// <param name="Error">Why it failed, without patient data, at most 1,000 characters.</param>
public sealed record DeliverySettlement(Delivery Delivery, DeliveryOutcome Outcome, TimeSpan Delay = default, string? Error = null);

/// <summary>The outcome of a claimed delivery.</summary>
public enum DeliveryOutcome
{
    /// <summary>The target has it: the delivery is removed, and the queue remembers that the instance was delivered.</summary>
    Delivered,

    /// <summary>The attempt failed; another one follows, and this one counts.</summary>
    Retry,

    /// <summary>Failed for good, or too often: it waits for an operator.</summary>
    DeadLetter,

    /// <summary>It was not tried: it can be claimed again, and no attempt counts.</summary>
    Released,

    /// <summary>Nothing is left to deliver: the delivery is removed.</summary>
    Gone,
}

/// <summary>The result of turning events into deliveries.</summary>
/// <param name="Cursor">The number of the last event that was looked at.</param>
/// <param name="HasMore">More events, or more of the snapshot, wait.</param>
public readonly record struct FanOutResult(long Cursor, bool HasMore);
