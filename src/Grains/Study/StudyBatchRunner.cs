using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Grains.Study;

/// <summary>Decides and commits batches of turns of one study, and answers their callers only after the commit.</summary>
/// <remarks>
/// The grain lives from batch to batch; after anything but a commit it is dropped, and loaded again before the next decision.
/// </remarks>
internal sealed partial class StudyBatchRunner(StudyKey key, GrainRuntime runtime)
{
    /// <summary>Attempts without a pause: a losing commit has already waited for the winning one.</summary>
    /// <remarks>
    /// A pause longer than the other silo's next commit would lose again, and a silo that always pauses would never succeed.
    /// </remarks>
    private const int AttemptsWithoutPause = 50;

    private const double MaxPauseMilliseconds = 20;

    /// <summary>After so many consecutive conflicts the calls go to the owner of the study.</summary>
    private const int ConflictsBeforeForward = 2;

    /// <summary>
    /// How long the next batch is forwarded too after a forwarded one: the owner has the study in memory, and this silo would only cause
    /// conflicts.
    /// </summary>
    private static readonly TimeSpan ForwardAfterConflict = TimeSpan.FromSeconds(2);

    /// <summary>How long this silo pauses before each batch after a conflict.</summary>
    /// <remarks>
    /// The other silo has to read the study first, and would lose every time. Calls that arrive during the pause share the batch.
    /// </remarks>
    private static readonly TimeSpan YieldAfterConflict = TimeSpan.FromSeconds(2);

    private StudyGrain? _grain;
    private long? _forwardingSince;
    private long? _conflictAt;

    /// <summary>Bytes that the study holds in memory, roughly.</summary>
    public long EstimatedBytes => _grain?.EstimatedBytes ?? 0;

    /// <summary>Answers all turns, in their order.</summary>
    /// <remarks>Never throws. A batch that the store refuses is halved until the refused turn is alone.</remarks>
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

    /// <summary>Answers a batch; returns false if it must be halved.</summary>
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

    /// <summary>Decides and commits a batch. Removes turns that are answered otherwise: abandoned and forwarded ones.</summary>
    private async Task<StudyCommitResult> DecideAndCommitAsync(List<StudyTurn> batch, CancellationToken cancellationToken)
    {
        if (_forwardingSince is { } since && runtime.Time.GetElapsedTime(since) < ForwardAfterConflict && Forward(batch))
        {
            _forwardingSince = runtime.Time.GetTimestamp();
        }

        if (_grain is not null && _conflictAt is { } conflict && runtime.Time.GetElapsedTime(conflict) < YieldAfterConflict)
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

    /// <summary>Forwards calls to the owner of the study if that is another silo.</summary>
    /// <remarks>This silo does not wait for the answers, so that two silos never wait for each other.</remarks>
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
        using Deadline deadline = new(runtime.Options.CommitTimeout, runtime.Time, cancellationToken);
        _grain ??= new StudyGrain(
            key, await runtime.Store.LoadStudyAsync(key, deadline.Token), runtime.DuplicatePolicy, runtime.RevisionTiming, runtime.Time);

        // Rows are read after the study: they can only be newer than its version, and the commit would detect that.
        LoadedInstances rows = await LoadedInstances.LoadAsync(runtime.Store, key, batch, deadline.Token);

        // Another silo may have answered an abandoned call, and changed the study since: such a call is not decided any more. The check
        // follows the read of the study, so that a freeze of the process in between ends in a conflict.
        StudyTurn[] abandoned = [.. batch.Where(turn => turn.IsAbandoned)];
        ForEach(
            abandoned, turn => turn.Fail(new ManifestUnavailableException("The caller no longer waits.") { IsOfThisSilo = true }));
        batch.RemoveAll(abandoned.Contains);
        foreach (StudyTurn turn in batch)
        {
            turn.Decide(_grain, rows);
        }

        return _grain;
    }

    /// <summary>Pauses briefly at random, so that writers in lockstep separate.</summary>
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

    [LoggerMessage(3010, LogLevel.Debug, "Another writer changed study {Study} (attempt {Attempt}); it is loaded again")]
    private static partial void LogConflict(ILogger logger, string study, int attempt);

    [LoggerMessage(
        3011, LogLevel.Warning, "Other writers changed study {Study} {Attempts} times in a row; its senders are told to send again")]
    private static partial void LogTooManyConflicts(ILogger logger, string study, int attempts);

    [LoggerMessage(3012, LogLevel.Warning, "The manifest store refused one change of study {Study}")]
    private static partial void LogRefused(ILogger logger, string study);

    [LoggerMessage(3013, LogLevel.Error, "A turn of study {Study} failed")]
    private static partial void LogFailed(ILogger logger, string study, Exception error);
}

/// <summary>Forwards calls to the silo that owns their study.</summary>
internal interface IStudyForwarder
{
    /// <summary>
    /// Sends the calls to the owner, which answers their callers later; returns false if the owner is this silo or unknown.
    /// </summary>
    bool TryForward(StudyKey key, IReadOnlyList<StudyTurn> turns);
}
