using System.Collections.Concurrent;
using System.Threading.Channels;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Options;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Grains.Study;

/// <summary>
/// Commits the changes of many studies in one durable transaction (design D1). One commit runs at a time; what comes meanwhile is the next
/// group, so that groups grow with the load and a single change waits for nobody. A study that somebody else holds, another silo or a
/// stranger in the database, is committed beside the groups for as long as that lasts.
/// </summary>
internal sealed partial class GroupCommitter(IManifestStore store, GrainOptions options, TimeProvider time, ILogger<GroupCommitter> logger)
{
    /// <summary>How long after it met a lock a study stays out of the groups, unless it was committed since.</summary>
    private static readonly TimeSpan ContendedTime = TimeSpan.FromSeconds(10);

    private const int MostRemembered = 1024;

    /// <summary>Of commits that fail in a row the first is logged, and one of so many: each sender is told anyway.</summary>
    private const int FaultsPerLog = 100;

    private readonly Channel<PendingCommit> _queue = Channel.CreateBounded<PendingCommit>(
        new BoundedChannelOptions(options.GroupSize * 4) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    // Changes of a study that is already in the group being gathered; they lead the next one.
    private readonly Queue<PendingCommit> _deferred = [];

    private readonly ConcurrentDictionary<StudyKey, long> _contended = new();
    private readonly List<Task> _alone = [];
    private int _faults;

    /// <summary>
    /// Waits for a place in a group and for its commit. A change that is in the queue is committed even when nobody waits any more.
    /// </summary>
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

    /// <summary>Takes no more changes; <see cref="RunAsync"/> ends when those that wait are committed.</summary>
    public void Complete() => _queue.Writer.TryComplete();

    /// <summary>
    /// Commits group after group until <see cref="Complete"/>; the token gives up on the commit that runs, and on every later one.
    /// </summary>
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
        while (group.Count < options.GroupSize
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
        using CancellationTokenSource deadline = new(options.CommitTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            IReadOnlyList<StudyCommitResult> results = await store.CommitAsync([.. group.Select(pending => pending.Change)], either.Token);
            if (results.Count != group.Count)
            {
                throw new InvalidOperationException("The manifest store answered another number of changes than it was given.");
            }

            Volatile.Write(ref _faults, 0);
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
            Complain(group.Count, error);
            FailAll(group, error);
        }
        catch (OperationCanceledException error)
        {
            Complain(group.Count, error);
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
        if (_contended.Count >= MostRemembered)
        {
            _contended.Clear();
        }

        _contended[pending.Change.After.Key] = time.GetTimestamp();
        _alone.Add(CommitAloneAsync(pending, cancellationToken));
    }

    /// <summary>Never fails.</summary>
    private async Task CommitAloneAsync(PendingCommit pending, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(options.CommitTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            StudyCommitResult result = await store.CommitAloneAsync(pending.Change, either.Token);
            if (result == StudyCommitResult.Committed)
            {
                _contended.TryRemove(pending.Change.After.Key, out _);
            }

            pending.Complete(result);
        }
        catch (OperationCanceledException error)
        {
            Complain(1, error);
            pending.Fail(new ManifestUnavailableException("The manifest store did not answer in time; send again.", error));
        }
        catch (Exception error)
        {
            Complain(1, error);
            pending.Fail(error);
        }
    }

    private void Complain(int studies, Exception error)
    {
        int faults = Interlocked.Increment(ref _faults);
        if (faults % FaultsPerLog == 1)
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
}
