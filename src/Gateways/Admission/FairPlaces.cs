using System.Diagnostics.CodeAnalysis;
using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Gateways.Admission;

/// <summary>Places that senders share.</summary>
/// <remarks>
/// While nobody waits, a sender may have all of them and be as slow as it likes. While others wait, a sender below the minimum rate loses
/// its place, and a free place goes to the peer with the fewest. A peer with more than its share loses one to a peer that has waited for a
/// whole window.
/// </remarks>
/// <param name="capacity">The number of places.</param>
/// <param name="rules">The minimum rate and its window.</param>
/// <param name="time">The clock.</param>
internal sealed class FairPlaces(int capacity, PlaceRules rules, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<FairPlace> _held = [];
    private readonly List<Waiter> _waiters = [];
    private ITimer? _revocation;
    private bool _isDisposed;

    /// <summary>Occupied places.</summary>
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

    /// <summary>Waits for a place; returns null if none came free in time.</summary>
    /// <param name="peer">The peer to whose share it counts.</param>
    /// <param name="wait">The longest wait.</param>
    /// <param name="most">
    /// How many such senders may hold or wait; one more displaces a waiter of the peer with the most. Null is not counted.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
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
            _revocation ??= time.CreateTimer(_ => RevokePlaces(), null, TimeSpan.Zero, rules.Window / 4);
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
            _revocation?.Dispose();
            _revocation = null;
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
            _revocation?.Dispose();
            _revocation = null;
        }
    }

    /// <summary>Displaces a waiter of a peer that has more in the queue; returns false if none has more.</summary>
    private bool TryDisplace(string peer)
    {
        Waiter? last = _waiters.Where(waiter => waiter.IsCounted && CountOf(waiter.Peer) > CountOf(peer) + 1).MaxBy(
            waiter => (CountOf(waiter.Peer), waiter.Since));
        return last is not null && _waiters.Remove(last) && last.Granted.TrySetResult(null);
    }

    /// <summary>Revokes places: those of slow senders, as many as others wait for, else one of the peer with the most.</summary>
    private void RevokePlaces()
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
            Array.ForEach(lost, place => place.MarkLost(PlaceLoss.TooSlow));
            if (lost.Length == 0 && wanted > 0 && OverShare(staying) is { } over)
            {
                over.MarkLost(PlaceLoss.OverShare);
                lost = [over];
            }
        }

        Array.ForEach(lost, place => place.Revoke());
    }

    /// <summary>Returns the slowest place of the peer with the most, if a peer below its share has waited for a whole window.</summary>
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

    /// <summary>Stops waiting; a place that was granted at the same moment goes to the next waiter.</summary>
    [SuppressMessage("Usage", "VSTHRD002", Justification = "A waiter that is no longer in the queue has its place.")]
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

/// <summary>When a sender loses its place while others wait.</summary>
/// <param name="Window">How long a sender is observed, and how long a peer waits before it gets a place of another.</param>
/// <param name="LeastPerSecond">The bytes per second that a sender must reach.</param>
internal sealed record PlaceRules(TimeSpan Window, long LeastPerSecond);

/// <summary>Why a sender lost its place to another one.</summary>
public enum PlaceLoss
{
    /// <summary>It sent less than the minimum rate.</summary>
    TooSlow,

    /// <summary>Its peer had more than its share.</summary>
    OverShare,
}

/// <summary>The place of one upload; disposing it returns the place.</summary>
public sealed class FairPlace : IDisposable
{
    private readonly CancellationTokenSource _revoked = new();
    private readonly FairPlaces _places;
    private int _isReturned;

    internal FairPlace(FairPlaces places, string peer, bool isCounted, PeerPace pace)
    {
        _places = places;
        Peer = peer;
        IsCounted = isCounted;
        Pace = pace;
    }

    /// <summary>Notified of each wait for the sender.</summary>
    public PeerPace Pace { get; }

    /// <summary>Cancelled when the place is lost; the upload ends and disposes it.</summary>
    public CancellationToken Revoked => _revoked.Token;

    /// <summary>Null unless the place is lost.</summary>
    public PlaceLoss? Loss { get; private set; }

    internal string Peer { get; }

    internal bool IsCounted { get; }

    /// <summary>The memory that belongs to the place; null for none.</summary>
    internal IDisposable? Room { get; set; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReturned, 1) == 0)
        {
            Room?.Dispose();
            _places.Leave(this);
        }
    }

    internal void MarkLost(PlaceLoss loss) => Loss = loss;

    internal void Revoke() => _revoked.Cancel();
}
