using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Gateways.Admission;

/// <summary>Why a sender lost its place to another one.</summary>
public enum PlaceLoss
{
    /// <summary>It sent less than the least rate.</summary>
    TooSlow,

    /// <summary>Its peer had more than its share.</summary>
    OverShare,
}

/// <summary>The place of one upload; disposing it gives it back.</summary>
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

    /// <summary>Told of each wait for the sender.</summary>
    public PeerPace Pace { get; }

    /// <summary>Cancelled when the place is lost; the upload ends and disposes it.</summary>
    public CancellationToken Revoked => _revoked.Token;

    /// <summary>Null as long as it is not lost.</summary>
    public PlaceLoss? Loss { get; private set; }

    internal string Peer { get; }

    internal bool IsCounted { get; }

    /// <summary>The memory that goes with the place; null for none.</summary>
    internal IDisposable? Room { get; set; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReturned, 1) == 0)
        {
            Room?.Dispose();
            _places.Leave(this);
        }
    }

    internal void Lose(PlaceLoss loss) => Loss = loss;

    internal void Revoke() => _revoked.Cancel();
}
