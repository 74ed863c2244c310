using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>
/// Associations to one peer, never more at once than the peer shall see. They are used again while what was negotiated covers what is to be
/// sent, replaced where it does not, released when nobody has used them for a while, and dropped when they are broken.
/// </summary>
/// <param name="peer">Whom to call; asked for each association, because certificates are renewed meanwhile.</param>
/// <param name="callingAeTitle">Our title.</param>
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

    /// <summary>Nobody uses them; the one that was used last is the last.</summary>
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
    /// All are in use, and too many wait already or none came free in time; or the pool is disposed of.
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

    /// <summary>Aborts what is in use, releases the rest, and waits for that no longer than a release may take.</summary>
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
    /// Gets an association for a lease: an idle one that covers the needs, or a new one, for which another may have to go.
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

                // A place is free for each lease, so what is too many is idle or about to be closed.
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

    /// <summary>Takes back what a lease had, and gives its place to the next.</summary>
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
        using CancellationTokenSource late = new(options.WaitTimeout, time);
        using CancellationTokenSource any = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken, late.Token, _disposing.Token);
        try
        {
            await _places.WaitAsync(any.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ThrowIfDisposed();
            throw new AssociationException(
                AssociationFault.AllInUse, $"None of {options.MaxAssociations} associations came free within {options.WaitTimeout}");
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
                PresentationContexts =
                [
                    .. all.Select((need, index) => new ProposedContext((byte)((index * 2) + 1), need.AbstractSyntax, [need.TransferSyntax]))
                ],
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

    private void Reap()
    {
        lock (_gate)
        {
            foreach (PooledAssociation old in _idle.Where(idle => idle.IdleFor >= options.IdleTimeout || !idle.Association.IsOpen)
                .ToArray())
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

    /// <summary>Begins to close one that nobody has any more; it counts until it is closed. The gate is held.</summary>
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
                using CancellationTokenSource late = new(options.ReleaseTimeout, time);
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
                await association.Association.ReleaseAsync(either.Token);
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
