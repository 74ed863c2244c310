namespace ImagingIngestion.Grains.Study;

/// <summary>
/// A call whose caller awaits an answer. A caller that gives up leaves alone: a call that was decided goes on to its commit.
/// </summary>
internal abstract class StudyTurn<TAnswer>(TurnCaller caller) : StudyTurn
{
    private readonly TaskCompletionSource<TAnswer> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer of the last decision.</summary>
    protected TAnswer? Answer { get; set; }

    public override bool IsAbandoned => caller.HasLeft;

    public override bool MayForward => !caller.IsForwarded;

    public override TurnCaller Caller => caller;

    /// <summary>The answer, or the end of the caller's patience.</summary>
    public Task<TAnswer> Answered => _completion.Task.WaitAsync(caller.Token);

    public override void Complete() => _completion.TrySetResult(Answer!);

    /// <summary>Answers the caller; always true.</summary>
    protected bool TryComplete()
    {
        Complete();
        return true;
    }

    public override void Fail(Exception error)
    {
        _completion.TrySetException(error);

        // A caller that left does not look at its task; the error is known here and must not come up as unobserved.
        _ = _completion.Task.Exception;
    }
}
