using System.Collections.Concurrent;
using System.Threading.Channels;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ImagingIngestion.Grains.Study;

/// <summary>Commits the changes of many studies in one durable transaction (docs/design.md, Truth in the database).</summary>
/// <remarks>
/// One commit runs at a time; changes that arrive meanwhile form the next group. So groups grow with the load, and a single change waits
/// for nobody. A study whose row another transaction locks is committed beside the groups as long as that lasts.
/// </remarks>
internal sealed partial class GroupCommitter(
    IManifestStore store, IOptions<GrainOptions> options, TimeProvider time, ILogger<GroupCommitter> logger)
{
    private readonly GrainOptions _options = options.Value;

    /// <summary>How long a study stays out of the groups after it met a lock, unless it was committed since.</summary>
    private static readonly TimeSpan ContendedTime = TimeSpan.FromSeconds(10);

    private const int MaxContended = 1024;

    /// <summary>The log gets the first of consecutive faults and each n-th: every sender gets an error anyway.</summary>
    private const int FaultsPerLog = 100;

    private readonly Channel<PendingCommit> _queue = Channel.CreateBounded<PendingCommit>(
        new BoundedChannelOptions(options.Value.GroupSize * 4) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    // Changes of a study that is already in the current group; they lead the next one.
    private readonly Queue<PendingCommit> _deferred = [];

    private readonly ConcurrentDictionary<StudyKey, long> _contended = new();
    private readonly List<Task> _alone = [];
    private readonly RepeatedFault _faults = new(FaultsPerLog);

    /// <summary>Waits for a place in a group and for its commit. A queued change is committed even if its caller no longer waits.</summary>
    /// <exception cref="ManifestUnavailableException">Nothing is known to be committed.</exception>
    public async Task<StudyCommitResult> CommitAsync(StudyChange change, CancellationToken cancellationToken)
    {
        PendingCommit pending = new(change);
        try
        {
            await _queue.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ManifestUnavailableException("The silo is stopping; send again.") { IsOfThisSilo = true };
        }

        return await pending.Result;
    }

    /// <summary>Refuses new changes; <see cref="RunAsync"/> ends when the queued ones are committed.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>Commits group after group until <see cref="Complete"/>; the token cancels the running commit and every later one.</summary>
    public async Task RunAsync(SupervisedLoop loop, CancellationToken cancellationToken)
    {
        while (_deferred.Count > 0 || await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            _alone.RemoveAll(commit => commit.IsCompleted);
            if (Gather(cancellationToken) is { Count: > 0 } group)
            {
                await CommitGroupAsync(group, cancellationToken);
            }

            loop.Succeed();
        }

        await Task.WhenAll(_alone);
    }

    private List<PendingCommit> Gather(CancellationToken cancellationToken)
    {
        List<PendingCommit> group = [];
        HashSet<StudyKey> studies = [];
        int deferred = _deferred.Count;
        while (group.Count < _options.GroupSize
            && (deferred-- > 0 ? _deferred.TryDequeue(out PendingCommit? pending) : _queue.Reader.TryRead(out pending)))
        {
            if (IsContended(pending.Change.After.Key))
            {
                CommitBeside(pending, cancellationToken);
            }
            else if (studies.Add(pending.Change.After.Key))
            {
                group.Add(pending);
            }
            else
            {
                _deferred.Enqueue(pending);
            }
        }

        return group;
    }

    private async Task CommitGroupAsync(IReadOnlyList<PendingCommit> group, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(_options.CommitTimeout, time, cancellationToken);
        try
        {
            StudyChange[] changes = [.. group.Select(pending => pending.Change)];
            IReadOnlyList<StudyCommitResult> results = await store.CommitAsync(changes, deadline.Token);
            if (results.Count != group.Count)
            {
                throw new InvalidOperationException("The manifest store returned another number of results than it got changes.");
            }

            _faults.Clear();
            foreach ((PendingCommit pending, StudyCommitResult result) in group.Zip(results))
            {
                if (result == StudyCommitResult.Contended)
                {
                    CommitBeside(pending, cancellationToken);
                }
                else
                {
                    pending.Complete(result);
                }
            }
        }
        catch (ManifestUnavailableException error)
        {
            LogFault(group.Count, error);
            FailAll(group, error);
        }
        catch (OperationCanceledException error)
        {
            LogFault(group.Count, error);
            FailAll(group, new ManifestUnavailableException("The manifest store did not answer in time; send again.", error));
        }
        catch (Exception error) when (group.Count == 1)
        {
            FailAll(group, error);
        }
        catch (Exception error)
        {
            LogSplit(logger, group.Count, error);
            foreach (PendingCommit pending in group)
            {
                await CommitGroupAsync([pending], cancellationToken);
            }
        }
    }

    private bool IsContended(StudyKey study)
    {
        if (!_contended.TryGetValue(study, out long since))
        {
            return false;
        }

        bool lasts = time.GetElapsedTime(since) < ContendedTime;
        return lasts || !_contended.TryRemove(study, out _);
    }

    private void CommitBeside(PendingCommit pending, CancellationToken cancellationToken)
    {
        if (_contended.Count >= MaxContended)
        {
            _contended.Clear();
        }

        _contended[pending.Change.After.Key] = time.GetTimestamp();
        _alone.Add(CommitAloneAsync(pending, cancellationToken));
    }

    /// <summary>Never throws.</summary>
    private async Task CommitAloneAsync(PendingCommit pending, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(_options.CommitTimeout, time, cancellationToken);
        try
        {
            StudyCommitResult result = await store.CommitAloneAsync(pending.Change, deadline.Token);
            if (result == StudyCommitResult.Committed)
            {
                _contended.TryRemove(pending.Change.After.Key, out _);
            }

            pending.Complete(result);
        }
        catch (OperationCanceledException error)
        {
            LogFault(1, error);
            pending.Fail(new ManifestUnavailableException("The manifest store did not answer in time; send again.", error));
        }
        catch (Exception error)
        {
            LogFault(1, error);
            pending.Fail(error);
        }
    }

    private void LogFault(int studies, Exception error)
    {
        if (_faults.Add(out int faults))
        {
            LogUnavailable(logger, studies, faults, error);
        }
    }

    private static void FailAll(IReadOnlyList<PendingCommit> group, Exception error)
    {
        foreach (PendingCommit pending in group)
        {
            pending.Fail(error);
        }
    }

    [LoggerMessage(
        3001,
        LogLevel.Warning,
        "The commit of {Studies} studies has no known outcome ({Faults} commits in a row); their senders are told to send again")]
    private static partial void LogUnavailable(ILogger logger, int studies, int faults, Exception error);

    [LoggerMessage(3002, LogLevel.Error, "The commit of {Studies} studies failed; each is tried on its own")]
    private static partial void LogSplit(ILogger logger, int studies, Exception error);
}

/// <summary>A change that waits for its group commit.</summary>
internal sealed class PendingCommit(StudyChange change)
{
    private readonly TaskCompletionSource<StudyCommitResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StudyChange Change { get; } = change;

    public Task<StudyCommitResult> Result => _completion.Task;

    public void Complete(StudyCommitResult result) => _completion.TrySetResult(result);

    public void Fail(Exception error) => _completion.TrySetException(error);
}
