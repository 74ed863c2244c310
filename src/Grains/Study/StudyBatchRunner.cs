using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Grains.Study;

/// <summary>
/// Decides and commits batches of turns of one study, and answers their callers only after the commit. The grain lives from batch to
/// batch; after anything but a commit it is dropped, and loaded again before the next decision.
/// </summary>
internal sealed partial class StudyBatchRunner(StudyKey key, GrainRuntime runtime)
{
    /// <summary>
    /// A commit that loses has waited for the one that wins, which is pace enough: who pauses longer than the other takes for its next
    /// commit loses again, and a silo that always pauses is never served.
    /// </summary>
    private const int AttemptsWithoutPause = 50;

    private const double MaxPauseMilliseconds = 20;

    /// <summary>Conflicts in a row after which the study is rather the owner's (design D1).</summary>
    private const int ConflictsBeforeForward = 2;

    /// <summary>
    /// How long after the last call that was given on the next one is, too: the owner has the study in memory, and this silo would only
    /// disturb it.
    /// </summary>
    private static readonly TimeSpan ForwardTime = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long after a conflict this silo leaves the other one a moment before each batch. The other one has to read the study first, and
    /// would come too late every time; what comes meanwhile shares the batch.
    /// </summary>
    private static readonly TimeSpan CourtesyTime = TimeSpan.FromSeconds(2);

    private StudyGrain? _grain;
    private long? _forwardingSince;
    private long? _conflictAt;

    /// <summary>Bytes that the study holds in memory, roughly.</summary>
    public long EstimatedBytes => _grain?.EstimatedBytes ?? 0;

    /// <summary>
    /// Answers all turns, in their order. Never fails. A batch that the store refuses is halved until the turn is alone which it refuses.
    /// </summary>
    public async Task RunAsync(IReadOnlyList<StudyTurn> turns, CancellationToken cancellationToken)
    {
        Stack<List<StudyTurn>> waiting = new([[.. turns]]);
        while (waiting.TryPop(out List<StudyTurn>? batch))
        {
            if (await TryAnswerAsync(batch, cancellationToken))
            {
                continue;
            }

            waiting.Push([.. batch.Skip(batch.Count / 2)]);
            waiting.Push([.. batch.Take(batch.Count / 2)]);
        }
    }

    /// <summary>False when the batch must be halved.</summary>
    private async Task<bool> TryAnswerAsync(List<StudyTurn> batch, CancellationToken cancellationToken)
    {
        try
        {
            switch (await DecideAndCommitAsync(batch, cancellationToken))
            {
                case StudyCommitResult.Committed:
                    ForEach(batch, turn => turn.Complete());
                    return true;
                case StudyCommitResult.VersionConflict:
                    LogTooManyConflicts(runtime.Logger, key.Study.Value, runtime.Options.MaxAttempts);
                    ForEach(batch, turn => turn.Fail(
                        new ManifestUnavailableException("Other writers kept changing this study; send again.") { IsOfThisSilo = true }));
                    return true;
                case StudyCommitResult.Refused when batch.Count == 1:
                    LogRefused(runtime.Logger, key.Study.Value);
                    batch[0].Refuse();
                    return true;
                case StudyCommitResult.NotDue:
                    ForEach(batch, turn => turn.Refuse());
                    return true;
                default:
                    return false;
            }
        }
        catch (ManifestUnavailableException error)
        {
            _grain = null;
            ForEach(batch, turn => turn.Fail(error));
            return true;
        }
        catch (OperationCanceledException error)
        {
            _grain = null;
            ForEach(
                batch,
                turn => turn.Fail(new ManifestUnavailableException("The manifest store did not answer in time; send again.", error)));
            return true;
        }
        catch (Exception error)
        {
            _grain = null;
            if (batch.Count > 1)
            {
                return false;
            }

            LogFailed(runtime.Logger, key.Study.Value, error);
            ForEach(batch, turn => turn.Fail(error));
            return true;
        }
    }

    /// <summary>Takes out of the batch what is answered otherwise: callers that left, and calls that were given on.</summary>
    private async Task<StudyCommitResult> DecideAndCommitAsync(List<StudyTurn> batch, CancellationToken cancellationToken)
    {
        if (_forwardingSince is { } since && runtime.Time.GetElapsedTime(since) < ForwardTime && Forward(batch))
        {
            _forwardingSince = runtime.Time.GetTimestamp();
        }

        if (_grain is not null && _conflictAt is { } conflict && runtime.Time.GetElapsedTime(conflict) < CourtesyTime)
        {
            await PauseAsync(cancellationToken);
        }

        for (int attempt = 1; ; attempt++)
        {
            if (batch.Count == 0)
            {
                return StudyCommitResult.Committed;
            }

            StudyGrain grain = await DecideAsync(batch, cancellationToken);
            if (grain.TakeChange() is not { } change)
            {
                return StudyCommitResult.Committed;
            }

            StudyCommitResult result = await runtime.Committer.CommitAsync(change, cancellationToken);
            if (result == StudyCommitResult.Committed)
            {
                grain.Committed();
                return result;
            }

            _grain = null;
            if (result != StudyCommitResult.VersionConflict || attempt >= runtime.Options.MaxAttempts)
            {
                return result;
            }

            LogConflict(runtime.Logger, key.Study.Value, attempt);
            _conflictAt = runtime.Time.GetTimestamp();
            if (attempt >= ConflictsBeforeForward && Forward(batch))
            {
                _forwardingSince = runtime.Time.GetTimestamp();
            }

            if (attempt > AttemptsWithoutPause)
            {
                await PauseAsync(cancellationToken);
            }
        }
    }

    /// <summary>
    /// Gives what may be given on to the study's owner, if that is another silo. Nobody waits for it here, so that two silos never wait for
    /// each other.
    /// </summary>
    private bool Forward(List<StudyTurn> batch)
    {
        StudyTurn[] forwarded = [.. batch.Where(turn => turn.MayForward)];
        if (forwarded.Length == 0 || runtime.Forwarder?.TryForward(key, forwarded) != true)
        {
            return false;
        }

        batch.RemoveAll(turn => turn.MayForward);
        return true;
    }

    private async Task<StudyGrain> DecideAsync(List<StudyTurn> batch, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(runtime.Options.CommitTimeout, runtime.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        _grain ??= new StudyGrain(
            key, await runtime.Store.LoadStudyAsync(key, either.Token), runtime.DuplicatePolicy, runtime.RevisionTiming, runtime.Time);

        // Rows are read after the study: they can only be newer than its version, which the commit would then find.
        LoadedInstances rows = await LoadedInstances.LoadAsync(runtime.Store, key, batch, either.Token);

        // A caller that left may have been answered by another silo, and may have changed the study there since: what it asked for then is
        // not decided any more. Looked at after the study was read, so that a freeze of the process in between ends in a conflict.
        StudyTurn[] abandoned = [.. batch.Where(turn => turn.IsAbandoned)];
        ForEach(
            abandoned, turn => turn.Fail(new ManifestUnavailableException("The caller did not wait any longer.") { IsOfThisSilo = true }));
        batch.RemoveAll(abandoned.Contains);
        foreach (StudyTurn turn in batch)
        {
            turn.Decide(_grain, rows);
        }

        return _grain;
    }

    /// <summary>Short and random, so that writers that go on in step get out of it.</summary>
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(1 + (Random.Shared.NextDouble() * MaxPauseMilliseconds)), runtime.Time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }

    private static void ForEach(IReadOnlyList<StudyTurn> batch, Action<StudyTurn> answer)
    {
        foreach (StudyTurn turn in batch)
        {
            answer(turn);
        }
    }
}
