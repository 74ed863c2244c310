using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>Associations to one peer, never more at once than allowed.</summary>
/// <remarks>
/// An association is reused while its contexts cover the needs, replaced if they do not, released after an idle time, and dropped if it is
/// broken.
/// </remarks>
/// <param name="peer">Returns the peer; called for each association, because certificates are renewed in the meantime.</param>
/// <param name="callingAeTitle">The title of this side.</param>
/// <param name="requestor">Opens the associations.</param>
/// <param name="options">Limits and times.</param>
/// <param name="time">The clock.</param>
public sealed class AssociationPool(
    Func<CancellationToken, ValueTask<DimsePeer>> peer,
    AeTitle callingAeTitle,
    AssociationRequestor requestor,
    AssociationPoolOptions options,
    TimeProvider time) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _places = new(options.MaxAssociations);
    private readonly CancellationTokenSource _disposing = new();
    private readonly RecentNeeds _recent = new();

    /// <summary>The unused associations; the last one was used last.</summary>
    private readonly List<PooledAssociation> _idle = [];
    private readonly HashSet<PooledAssociation> _used = [];
    private readonly HashSet<Task> _closings = [];
    private ITimer? _reaper;
    private int _count;
    private int _waiters;

    /// <summary>Associations that are being opened, open, or being released.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Waits for one of the places.</summary>
    /// <exception cref="AssociationException">
    /// All are in use, and too many callers wait or none became free in time; or the pool is disposed of.
    /// </exception>
    public async Task<AssociationLease> RentAsync(CancellationToken cancellationToken)
    {
        if (!_disposing.IsCancellationRequested && _places.Wait(0, CancellationToken.None))
        {
            return new AssociationLease(this);
        }

        try
        {
            if (Interlocked.Increment(ref _waiters) > options.MaxWaiters)
            {
                throw new AssociationException(
                    AssociationFault.AllInUse,
                    $"All {options.MaxAssociations} associations are in use, and {options.MaxWaiters} callers wait already");
            }

            await WaitAsync(cancellationToken);
            return new AssociationLease(this);
        }
        finally
        {
            Interlocked.Decrement(ref _waiters);
        }
    }

    /// <summary>Aborts the associations in use, and releases the rest within the release timeout.</summary>
    public async ValueTask DisposeAsync()
    {
        PooledAssociation[] used;
        Task[] closings;
        await _disposing.CancelAsync();
        lock (_gate)
        {
            used = [.. _used];
            foreach (PooledAssociation idle in _idle)
            {
                BeginClose(idle);
            }

            _idle.Clear();
            _reaper?.Dispose();
            _reaper = null;
            closings = [.. _closings];
        }

        foreach (PooledAssociation one in used)
        {
            await one.Association.DisposeAsync();
        }

        await Task.WhenAll(closings);
    }

    /// <summary>
    /// Gets an association for a lease: an idle one that covers the needs, or a new one, for which another may be closed.
    /// </summary>
    internal async Task<(PooledAssociation Association, bool IsReused)> OpenAsync(
        PooledAssociation? held, IReadOnlyList<ContextNeed> needs, bool mustBeNew, CancellationToken cancellationToken)
    {
        bool isMine = held is not null;
        if (held is { Association.IsOpen: true } && !mustBeNew && held.Covers(needs, options.RefusalLifetime))
        {
            return (held, true);
        }

        while (true)
        {
            Task closing;
            lock (_gate)
            {
                if (isMine)
                {
                    _used.Remove(held!);
                    BeginClose(held!);
                    isMine = false;
                }

                ThrowIfDisposed();
                if (!mustBeNew && TakeIdle(needs) is { } idle)
                {
                    return (idle, true);
                }

                if (_count < options.MaxAssociations)
                {
                    _count++;
                    break;
                }

                // Each lease has a place, so surplus associations are idle or being closed.
                if (_closings.Count == 0)
                {
                    BeginClose(_idle[0]);
                    _idle.RemoveAt(0);
                }

                closing = Task.WhenAny(_closings);
            }

            await closing.WaitAsync(cancellationToken);
        }

        return (await RequestAsync(needs, cancellationToken), false);
    }

    /// <summary>Takes back the association of a lease, and frees its place.</summary>
    internal void Return(PooledAssociation? association)
    {
        lock (_gate)
        {
            if (association is not null)
            {
                _used.Remove(association);
                if (association.Association.IsOpen && !_disposing.IsCancellationRequested)
                {
                    association.Touch();
                    _idle.Add(association);
                    _reaper ??= time.CreateTimer(_ => Reap(), null, options.IdleTimeout, Timeout.InfiniteTimeSpan);
                }
                else
                {
                    BeginClose(association);
                }
            }
        }

        _places.Release();
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using TimeLimit limit = new(options.WaitTimeout, time, cancellationToken, _disposing.Token);
        try
        {
            await _places.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ThrowIfDisposed();
            throw new AssociationException(
                AssociationFault.AllInUse, $"None of {options.MaxAssociations} associations became free within {options.WaitTimeout}");
        }
    }

    private PooledAssociation? TakeIdle(IReadOnlyList<ContextNeed> needs)
    {
        foreach (PooledAssociation broken in _idle.Where(idle => !idle.Association.IsOpen).ToArray())
        {
            _idle.Remove(broken);
            BeginClose(broken);
        }

        PooledAssociation? found = _idle.FindLast(idle => idle.Covers(needs, options.RefusalLifetime));
        if (found is not null)
        {
            _idle.Remove(found);
            _used.Add(found);
        }

        return found;
    }

    private async Task<PooledAssociation> RequestAsync(IReadOnlyList<ContextNeed> needs, CancellationToken cancellationToken)
    {
        PooledAssociation? opened = null;
        try
        {
            IReadOnlyList<ContextNeed> all;
            lock (_gate)
            {
                all = _recent.Add(needs);
            }

            DimsePeer called = await peer(cancellationToken);
            AssociationRequest request = new()
            {
                CallingAeTitle = callingAeTitle,
                CalledAeTitle = called.AeTitle,
                PresentationContexts = [.. all.Select(Propose)],
            };
            opened = new PooledAssociation(await requestor.RequestAsync(called, request, cancellationToken), all, time);
        }
        finally
        {
            lock (_gate)
            {
                if (opened is null)
                {
                    _count--;
                }
                else
                {
                    _used.Add(opened);
                }
            }
        }

        if (_disposing.IsCancellationRequested)
        {
            await opened.Association.DisposeAsync();
        }

        return opened;
    }

    private static ProposedContext Propose(ContextNeed need, int index)
        => new((byte)((index * 2) + 1), need.AbstractSyntax, [need.TransferSyntax]);

    private void Reap()
    {
        lock (_gate)
        {
            PooledAssociation[] over = [.. _idle.Where(idle => idle.IdleFor >= options.IdleTimeout || !idle.Association.IsOpen)];
            foreach (PooledAssociation old in over)
            {
                _idle.Remove(old);
                BeginClose(old);
            }

            if (_idle.Count > 0)
            {
                _reaper?.Change(options.IdleTimeout - _idle.Max(idle => idle.IdleFor), Timeout.InfiniteTimeSpan);
            }
            else
            {
                _reaper?.Dispose();
                _reaper = null;
            }
        }
    }

    /// <summary>Begins to close an unused association, which counts until it is closed; called under the lock.</summary>
    private void BeginClose(PooledAssociation association)
    {
        Task closing = Task.Run(() => CloseAsync(association, CancellationToken.None), CancellationToken.None);
        _closings.Add(closing);
        _ = closing.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task CloseAsync(PooledAssociation association, CancellationToken cancellationToken)
    {
        try
        {
            if (association.Association.IsOpen)
            {
                using TimeLimit limit = new(options.ReleaseTimeout, time, cancellationToken);
                await association.Association.ReleaseAsync(limit.Token);
            }
        }
        catch (Exception exception) when (exception is AssociationException or OperationCanceledException)
        {
            // It is aborted instead.
        }

        await association.Association.DisposeAsync();
    }

    private void Forget(Task closing)
    {
        lock (_gate)
        {
            _closings.Remove(closing);
            _count--;
        }
    }

    private void ThrowIfDisposed()
    {
        if (_disposing.IsCancellationRequested)
        {
            throw new AssociationException(AssociationFault.Ended, "The associations to the peer are being closed");
        }
    }
}

/// <summary>Limits and times of an <see cref="AssociationPool"/>.</summary>
public sealed record AssociationPoolOptions
{
    /// <summary>Associations to the peer at once, those that are being opened or released included.</summary>
    public int MaxAssociations { get; init; } = 2;

    /// <summary>The time that an unused association is kept; shorter than the idle time-out of usual peers.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Callers that may wait for an association; one more fails at once.</summary>
    public int MaxWaiters { get; init; } = 256;

    /// <summary>The time that a caller waits for a place.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The time for a release; then the association is aborted.</summary>
    public TimeSpan ReleaseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The time for which a refusal of a presentation context is remembered; afterwards the peer is asked again.</summary>
    public TimeSpan RefusalLifetime { get; init; } = TimeSpan.FromMinutes(1);
}
