using System.Net;
using System.Net.Sockets;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;

namespace ImagingIngestion.Gateways.Admission;

/// <summary>
/// Admits uploads: a bounded number in total, and of these only as many at once as the upload memory of the process carries.
/// </summary>
/// <remarks>
/// An upload enters when its first bytes have arrived: a silent sender takes no place, and a waiting request holds no memory.
/// </remarks>
public sealed class UploadAdmission : IDisposable
{
    private readonly FairPlaces _places;
    private readonly UploadMemory _memory;
    private readonly IngestLimits _limits;
    private readonly int _maxUploads;

    /// <param name="maxUploads">Uploads over HTTP that run or wait.</param>
    /// <param name="limits">The memory of each upload, the longest wait, and the minimum rate.</param>
    /// <param name="memory">The memory of all uploads.</param>
    /// <param name="time">The clock.</param>
    public UploadAdmission(int maxUploads, IngestLimits limits, UploadMemory memory, TimeProvider time)
    {
        _maxUploads = maxUploads;
        _limits = limits;
        _memory = memory;
        int capacity = (int)Math.Clamp(limits.BufferBudget / limits.HeldBytes, 1, limits.MaxPlaces);
        _places = new FairPlaces(capacity, new PlaceRules(limits.RateWindow, limits.MinRate), time);
    }

    /// <summary>Uploads that have a place.</summary>
    internal int Held => _places.Held;

    /// <summary>Waits for a place with memory for an upload over HTTP; returns null if there is no room.</summary>
    public Task<FairPlace?> TryEnterAsync(IPAddress? address, CancellationToken cancellationToken)
        => EnterAsync(PeerOf(address), _maxUploads, cancellationToken);

    /// <summary>Waits for a place for a sender whose number another limit bounds, as that of associations does.</summary>
    public Task<FairPlace?> TryQueueAsync(IPAddress? address, string callingAeTitle, CancellationToken cancellationToken)
        => EnterAsync($"{PeerOf(address)} {callingAeTitle}", most: null, cancellationToken);

    /// <summary>
    /// Takes memory for one more instance of an admitted request, so that it is read while the one before becomes durable; returns null if
    /// there is none at once.
    /// </summary>
    public IDisposable? TryAdd(int bytes) => _memory.TryTake(bytes) ? new UploadRoom(_memory, bytes) : null;

    public void Dispose() => _places.Dispose();

    private async Task<FairPlace?> EnterAsync(string peer, int? most, CancellationToken cancellationToken)
    {
        FairPlace? place = await _places.EnterAsync(peer, _limits.AdmissionWait, most, cancellationToken);
        if (place is null)
        {
            return null;
        }

        try
        {
            // Others may hold memory without a place: further instances of one request, and large parts on their way into a bucket.
            if (await _memory.TryTakeAsync(_limits.HeldBytes, cancellationToken))
            {
                place.Room = new UploadRoom(_memory, _limits.HeldBytes);
                return place;
            }
        }
        catch
        {
            place.Dispose();
            throw;
        }

        place.Dispose();
        return null;
    }

    /// <summary>Returns the peer of an address. An IPv6 site is one peer, whichever of its addresses it uses.</summary>
    private static string PeerOf(IPAddress? address)
    {
        if (address is null or { IsIPv4MappedToIPv6: true } or { AddressFamily: AddressFamily.InterNetwork })
        {
            return address?.MapToIPv4().ToString() ?? "";
        }

        byte[] bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, 8));
    }

    private sealed class UploadRoom(UploadMemory memory, int bytes) : IDisposable
    {
        private int _isReturned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReturned, 1) == 0)
            {
                memory.Return(bytes);
            }
        }
    }
}
