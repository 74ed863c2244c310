using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Gateways.Admission;

/// <summary>
/// Places that senders share. While nobody waits a sender may have all of them, and be as slow as it likes. While others wait, a sender
/// below the least rate loses its place, a place that comes free goes to the peer that has fewest, and a peer that has more than its share
/// gives one up to a peer that has waited for a whole window.
/// </summary>
/// <param name="capacity">Places.</param>
/// <param name="rules">The least rate and its window.</param>
/// <param name="time">The clock.</param>
internal sealed class FairPlaces(int capacity, PlaceRules rules, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<FairPlace> _held = [];
    private readonly List<Waiter> _waiters = [];
    private ITimer? _judge;
    private bool _isDisposed;

    /// <summary>Places that are taken.</summary>
    public int Held
    {
        get
        {
            lock (_gate)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>Waits for a place; null when none came free in time.</summary>
    /// <param name="peer">Whose share it counts to.</param>
    /// <param name="wait">The longest wait.</param>
    /// <param name="most">
    /// How many such senders may hold or wait: one more takes the place in the queue of the peer that has most. Null is not counted.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<FairPlace?> EnterAsync(string peer, TimeSpan wait, int? most, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter = new(peer, IsCounted: most is not null, time.GetTimestamp());
        lock (_gate)
        {
            if (_held.Count(place => place.IsCounted) + _waiters.Count(other => other.IsCounted) >= most && !TryDisplace(peer))
            {
                return null;
            }

            if (_held.Count < capacity && _waiters.Count == 0)
            {
                return Grant(waiter);
            }

            _waiters.Add(waiter);
            _judge ??= time.CreateTimer(_ => Judge(), null, TimeSpan.Zero, rules.Window / 4);
        }

        try
        {
            return await waiter.Granted.Task.WaitAsync(wait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            GiveUp(waiter);
            return null;
        }
        catch (OperationCanceledException)
        {
            GiveUp(waiter);
            throw;
        }
    }

    public void Leave(FairPlace place)
    {
        lock (_gate)
        {
            _held.Remove(place);
            GrantWaiting();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _judge?.Dispose();
            _judge = null;
        }
    }

    private FairPlace Grant(Waiter waiter)
    {
        FairPlace place = new(this, waiter.Peer, waiter.IsCounted, new PeerPace(rules.Window, rules.LeastPerSecond, time));
        _held.Add(place);
        return place;
    }

    private void GrantWaiting()
    {
        while (_held.Count < capacity && _waiters.MinBy(waiter => HeldBy(waiter.Peer)) is { } next)
        {
            _waiters.Remove(next);
            next.Granted.SetResult(Grant(next));
        }

        if (_waiters.Count == 0)
        {
            _judge?.Dispose();
            _judge = null;
        }
    }

    /// <summary>Makes room in the queue for a peer that has less in it than another; false when none has more.</summary>
    private bool TryDisplace(string peer)
    {
        Waiter? last = _waiters.Where(waiter => waiter.IsCounted && CountOf(waiter.Peer) > CountOf(peer) + 1).MaxBy(
            waiter => (CountOf(waiter.Peer), waiter.Since));
        return last is not null && _waiters.Remove(last) && last.Granted.TrySetResult(null);
    }

    /// <summary>Takes places away: as many as are waited for from those that are too slow, else one from the peer that has most.</summary>
    private void Judge()
    {
        FairPlace[] lost;
        lock (_gate)
        {
            if (_isDisposed || _waiters.Count == 0)
            {
                return;
            }

            FairPlace[] staying = [.. _held.Where(place => place.Loss is null)];
            int wanted = _waiters.Count - (_held.Count - staying.Length);
            lost = [.. staying.Where(place => place.Pace.IsSlow).OrderBy(place => place.Pace.Rate).Take(Math.Max(0, wanted))];
            Array.ForEach(lost, place => place.Lose(PlaceLoss.TooSlow));
            if (lost.Length == 0 && wanted > 0 && OverShare(staying) is { } over)
            {
                over.Lose(PlaceLoss.OverShare);
                lost = [over];
            }
        }

        Array.ForEach(lost, place => place.Revoke());
    }

    /// <summary>The slowest place of the peer that has most, when a peer with less than its share has waited for a whole window.</summary>
    private FairPlace? OverShare(FairPlace[] staying)
    {
        int peers = _held.Select(place => place.Peer).Concat(_waiters.Select(waiter => waiter.Peer)).Distinct().Count();
        int share = Math.Max(1, capacity / peers);
        if (!_waiters.Any(waiter => HeldBy(waiter.Peer) < share && time.GetElapsedTime(waiter.Since) >= rules.Window))
        {
            return null;
        }

        IGrouping<string, FairPlace>? most = staying.GroupBy(place => place.Peer).MaxBy(places => places.Count());
        return most is not null && most.Count() > share ? most.MinBy(place => place.Pace.Rate) : null;
    }

    private int HeldBy(string peer) => _held.Count(place => place.Peer == peer);

    private int CountOf(string peer) => HeldBy(peer) + _waiters.Count(waiter => waiter.Peer == peer);

    /// <summary>A place that was granted in the same moment goes to the next.</summary>
    private void GiveUp(Waiter waiter)
    {
        lock (_gate)
        {
            if (!_waiters.Remove(waiter) && waiter.Granted.Task.Result is { } place)
            {
                _held.Remove(place);
            }

            GrantWaiting();
        }
    }

    private sealed record Waiter(string Peer, bool IsCounted, long Since)
    {
        public TaskCompletionSource<FairPlace?> Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>When a place is lost while others wait for one.</summary>
/// <param name="Window">How long a sender is observed, and a peer waits before it gets a place of another.</param>
/// <param name="LeastPerSecond">Bytes a second that a sender must reach.</param>
internal sealed record PlaceRules(TimeSpan Window, long LeastPerSecond);
