using System.Net;

namespace ImagingIngestion.Gateways;

/// <summary>
/// Lets uploads in: a bounded number at all, and of these only as many at once as the buffer budget of the process carries. Entered when the first bytes have
/// come: a sender that is silent from the start takes no place.
/// </summary>
public sealed class UploadAdmission : IDisposable
{
    private readonly FairPlaces _places;
    private readonly int _maxUploads;
    private readonly TimeSpan _wait;

    /// <param name="maxUploads">Uploads over HTTP that run or wait.</param>
    /// <param name="limits">The budget, the longest wait, and what senders must do to keep their places.</param>
    /// <param name="time">The clock.</param>
    public UploadAdmission(int maxUploads, IngestLimits limits, TimeProvider time)
    {
        _maxUploads = maxUploads;
        _wait = limits.AdmissionWait;
        _places = new FairPlaces((int)Math.Clamp(limits.BufferBudget / limits.HeldBytes, 1, limits.MaxPlaces), new PlaceRules(limits.RateWindow, limits.MinRate), time);
    }

    /// <summary>Uploads that have a place.</summary>
    internal int Held => _places.Held;

    /// <summary>A place for an upload over HTTP; null when there is no room: try later.</summary>
    public Task<FairPlace?> TryEnterAsync(IPAddress? address, CancellationToken cancellationToken)
        => _places.EnterAsync(PeerOf(address), _wait, _maxUploads, cancellationToken);

    /// <summary>The same for senders whose number another limit bounds, as that of associations does: they wait for buffers however many they are.</summary>
    public Task<FairPlace?> TryQueueAsync(IPAddress? address, string callingAeTitle, CancellationToken cancellationToken)
        => _places.EnterAsync($"{PeerOf(address)} {callingAeTitle}", _wait, most: null, cancellationToken);

    public void Dispose() => _places.Dispose();

    /// <summary>An IPv6 site is one peer, whichever of its addresses it takes.</summary>
    private static string PeerOf(IPAddress? address)
    {
        if (address is null or { IsIPv4MappedToIPv6: true } or { AddressFamily: System.Net.Sockets.AddressFamily.InterNetwork })
        {
            return address?.MapToIPv4().ToString() ?? "";
        }

        byte[] bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, 8));
    }
}
