using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Study;

/// <summary>One call of a study grain, from the mailbox to the answer. It may be decided several times.</summary>
internal abstract class StudyTurn
{
    /// <summary>Bytes that the call holds while it waits, roughly.</summary>
    public abstract long EstimatedBytes { get; }

    /// <summary>The caller no longer waits.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>The instances whose rows the decision needs.</summary>
    public virtual IEnumerable<InstanceId> NeededInstances => [];

    /// <summary>The deletion that needs a listing of rows; null for none.</summary>
    public virtual DeleteRequest? NeededListing => null;

    /// <summary>The number of the revision whose content the decision needs; null for none.</summary>
    /// <remarks>Such a turn is decided and committed alone.</remarks>
    public virtual int? NeededRevision => null;

    /// <summary>The call may be forwarded to another silo.</summary>
    public abstract bool MayForward { get; }

    /// <summary>The caller, with its deadline if that is known.</summary>
    public abstract TurnCaller Caller { get; }

    /// <summary>Converts the turn to a call of another silo.</summary>
    public abstract GrainCall ToCall(StudyKey key);

    /// <summary>Answers the caller with the durable answer of another silo; returns false if that does not fit this call.</summary>
    public abstract bool TryComplete(GrainAnswer answer);

    /// <summary>Decides; the answer is kept until <see cref="Complete"/>.</summary>
    public abstract void Decide(StudyGrain grain, LoadedInstances rows);

    /// <summary>Answers the caller: the decision is durable.</summary>
    public abstract void Complete();

    /// <summary>Answers the caller that the store refused this call alone.</summary>
    public abstract void Refuse();

    /// <summary>Answers the caller with an error.</summary>
    public abstract void Fail(Exception error);
}

/// <summary>A call whose caller awaits an answer. A caller that gives up leaves alone: a decided call is committed.</summary>
internal abstract class StudyTurn<TAnswer>(TurnCaller caller) : StudyTurn
{
    private readonly TaskCompletionSource<TAnswer> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer of the last decision.</summary>
    protected TAnswer? Answer { get; set; }

    public override bool IsAbandoned => caller.HasLeft;

    public override bool MayForward => !caller.IsForwarded;

    public override TurnCaller Caller => caller;

    /// <summary>The answer, or the cancellation of the caller.</summary>
    public Task<TAnswer> Answered => _completion.Task.WaitAsync(caller.Token);

    public override void Complete() => _completion.TrySetResult(Answer!);

    /// <summary>Answers the caller; always returns true.</summary>
    protected bool TryComplete()
    {
        Complete();
        return true;
    }

    public override void Fail(Exception error)
    {
        _completion.TrySetException(error);

        // A caller that left does not observe its task; reading the exception here keeps it from being reported as unobserved.
        _ = _completion.Task.Exception;
    }
}

/// <summary>The caller of a call, and how long it waits.</summary>
/// <param name="Token">Cancelled when the caller gives up.</param>
internal readonly record struct TurnCaller(CancellationToken Token)
{
    /// <summary>The clock of the caller's deadline; null if there is only the token.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>The deadline, as a timestamp of the clock.</summary>
    public long GivesUpAt { get; init; }

    /// <summary>Another silo forwarded the call: it is decided here.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>The caller no longer waits.</summary>
    /// <remarks>
    /// Both the token and the clock count: after a freeze of the process the clock is right at once, the token only soon.
    /// </remarks>
    public bool HasLeft => Token.IsCancellationRequested || (Clock is not null && Clock.GetTimestamp() >= GivesUpAt);
}

/// <summary>An instance that waits to be decided about.</summary>
internal sealed class StoreTurn(InstanceArrival arrival, TurnCaller caller) : StudyTurn<StoreAnswer>(caller)
{
    // Parsed elements take about a hundred bytes each beside their values; gateways cap their number.
    private const int AttributesEstimate = 8 * 1024;

    public override long EstimatedBytes => AttributesEstimate + arrival.Content.Metadata.Length + arrival.Content.Layout.Length;

    public override IEnumerable<InstanceId> NeededInstances => [arrival.State.Id];

    public override void Decide(StudyGrain grain, LoadedInstances rows) => Answer = grain.Store(arrival, rows.Find(arrival.State.Id));

    public override GrainCall ToCall(StudyKey key) => new StoreCall(arrival);

    public override bool TryComplete(GrainAnswer answer)
    {
        Answer = answer.Store;
        return answer.Kind == GrainAnswerKind.Stored && TryComplete();
    }

    public override void Refuse()
    {
        Answer = new StoreAnswer(StoreAnswer.Kind.Refused, null);
        Complete();
    }
}

/// <summary>A deletion that waits to be decided.</summary>
internal sealed class DeleteTurn(DeleteRequest request, TurnCaller caller) : StudyTurn<int>(caller)
{
    public override long EstimatedBytes => 1024;

    public override IEnumerable<InstanceId> NeededInstances
        => IsOneInstance ? [new InstanceId(request.Series!.Value, request.Sop!.Value)] : [];

    public override DeleteRequest? NeededListing => IsOneInstance ? null : request;

    private bool IsOneInstance => request is { Series: not null, Sop: not null };

    public override void Decide(StudyGrain grain, LoadedInstances rows) => Answer = grain.Delete(request, rows.All);

    public override GrainCall ToCall(StudyKey key) => new DeleteCall(key, request);

    public override bool TryComplete(GrainAnswer answer)
    {
        Answer = answer.Deleted;
        return answer.Kind == GrainAnswerKind.Deleted && TryComplete();
    }

    public override void Refuse() => Fail(new ManifestUnavailableException("The manifest store refused to delete; see its log."));
}

/// <summary>A due revision that waits to be closed.</summary>
internal sealed class ReviseTurn(RevisionClaim claim, TurnCaller caller) : StudyTurn<bool>(caller)
{
    public override long EstimatedBytes => 1024;

    public override int? NeededRevision => claim.Revision;

    public override void Decide(StudyGrain grain, LoadedInstances rows) => Answer = grain.Revise(claim, rows.Revision!);

    public override GrainCall ToCall(StudyKey key) => new ReviseCall(claim);

    public override bool TryComplete(GrainAnswer answer)
    {
        Answer = answer.IsClosed;
        return answer.Kind == GrainAnswerKind.Revised && TryComplete();
    }

    /// <summary>Answers false: changes came in between, so that the revision is due later or another silo closes it.</summary>
    public override void Refuse()
    {
        Answer = false;
        Complete();
    }
}
