using System.Net;
using System.Net.Sockets;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Gateways.Admission;

/// <summary>
/// Lets uploads in: a bounded number at all, and of these only as many at once as the upload memory of the process carries. Entered when
/// the first bytes have come: a sender that is silent from the start takes no place, and a waiting request holds no memory.
/// </summary>
public sealed class UploadAdmission : IDisposable
{
    private readonly FairPlaces _places;
    private readonly UploadMemory _memory;
    private readonly IngestLimits _limits;
    private readonly int _maxUploads;

    /// <param name="maxUploads">Uploads over HTTP that run or wait.</param>
    /// <param name="limits">What each of them may hold, the longest wait, and what senders must do to keep their places.</param>
    /// <param name="memory">What all of them may hold.</param>
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

    /// <summary>A place for an upload over HTTP, with memory; null when there is no room: try later.</summary>
    public Task<FairPlace?> TryEnterAsync(IPAddress? address, CancellationToken cancellationToken)
        => EnterAsync(PeerOf(address), _maxUploads, cancellationToken);

    /// <summary>
    /// The same for senders whose number another limit bounds, as that of associations does: they wait however many they are.
    /// </summary>
    public Task<FairPlace?> TryQueueAsync(IPAddress? address, string callingAeTitle, CancellationToken cancellationToken)
        => EnterAsync($"{PeerOf(address)} {callingAeTitle}", most: null, cancellationToken);

    /// <summary>
    /// Memory for one more instance of a request that has entered, so that it is read while the one before becomes durable; null when there
    /// is none at once.
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
            // Others than those with a place may hold memory for a while: further instances of one request, and large parts on their way
            // into a bucket.
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

    /// <summary>An IPv6 site is one peer, whichever of its addresses it takes.</summary>
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
