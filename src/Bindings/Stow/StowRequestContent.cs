using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Source;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Stow;

/// <summary>The body of one store request (PS3.18 section 10.5.1).</summary>
/// <remarks>
/// Instances pass through from the source, each opened in its turn. A source that breaks off ends the request, so that the target never
/// takes a part of an instance for the whole. The body can be sent again.
/// </remarks>
/// <param name="items">The candidates, in order.</param>
/// <param name="source">The source of the instances.</param>
/// <param name="bytes">After so many bytes no further instance is added.</param>
internal sealed class StowRequestContent(IReadOnlyList<StowItem> items, InstanceSource source, long bytes) : HttpContent
{
    private const int BufferBytes = 128 << 10;

    private readonly string _boundary = Guid.NewGuid().ToString("N");
    private readonly List<StowItem> _sent = [];
    private (StowItem Item, SourceInstance Instance)? _opened;

    /// <summary>The instances of the request, once it is sent.</summary>
    public IReadOnlyList<StowItem> Sent => _sent;

    /// <summary>The instance whose transfer from the source broke off, and with it the request.</summary>
    public StowItem? Broken { get; private set; }

    /// <summary>Why the source does not work; the result of the instances that were not requested.</summary>
    public DeliveryResult? SourceFault { get; private set; }

    /// <summary>Opens the first available instance; returns false if there is none, so that nothing is sent.</summary>
    public async Task<bool> PrepareAsync(CancellationToken cancellationToken)
    {
        foreach (StowItem item in items)
        {
            if (await OpenAsync(item, cancellationToken) is { } instance)
            {
                _opened = (item, instance);
                break;
            }

            if (SourceFault is not null)
            {
                break;
            }
        }

        MediaTypeHeaderValue type = new("multipart/related");
        type.Parameters.Add(new NameValueHeaderValue("type", "\"application/dicom\""));
        type.Parameters.Add(new NameValueHeaderValue("boundary", _boundary));
        Headers.ContentType = type;
        return _opened is not null;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _sent.Clear();
        long written = 0;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            foreach (StowItem item in items)
            {
                if (written >= bytes || SourceFault is not null)
                {
                    break;
                }

                // The answer names instances by their SOP Instance UID alone, so equal UIDs need separate requests.
                if (item.Result is not null || _sent.Exists(other => other.SopInstanceUid == item.SopInstanceUid))
                {
                    continue;
                }

                using SourceInstance? instance = await TakeAsync(item, cancellationToken);
                if (instance is not null)
                {
                    _sent.Add(item);
                    await stream.WriteAsync(
                        Encoding.ASCII.GetBytes($"--{_boundary}\r\nContent-Type: application/dicom\r\n\r\n"), cancellationToken);
                    written += await CopyAsync(item, instance.Content, stream, buffer, cancellationToken);
                    await stream.WriteAsync("\r\n"u8.ToArray(), cancellationToken);
                }
            }

            if (_sent.Count == 0)
            {
                throw new TargetException("No instance of the request could be fetched any more.");
            }

            await stream.WriteAsync(Encoding.ASCII.GetBytes($"--{_boundary}--\r\n"), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _opened?.Instance.Dispose();
            _opened = null;
        }

        base.Dispose(disposing);
    }

    private async Task<SourceInstance?> TakeAsync(StowItem item, CancellationToken cancellationToken)
    {
        if (_opened is { } opened && opened.Item == item)
        {
            _opened = null;
            return opened.Instance;
        }

        return await OpenAsync(item, cancellationToken);
    }

    private async Task<SourceInstance?> OpenAsync(StowItem item, CancellationToken cancellationToken)
    {
        SourceAnswer answer = await source.OpenAsync(item.Delivery, InstanceSource.AsStored, cancellationToken);
        item.Result = answer.Result;
        SourceFault = answer.IsDown ? answer.Result : null;
        return answer.Instance;
    }

    private async Task<long> CopyAsync(StowItem item, Stream from, Stream to, byte[] buffer, CancellationToken cancellationToken)
    {
        long total = 0;
        while (await ReadAsync(item, from, buffer, cancellationToken) is > 0 and int read)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            total += read;
        }

        return total;
    }

    private async ValueTask<int> ReadAsync(StowItem item, Stream from, byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await from.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception exception) when (TargetFaults.IsNetworkFault(exception, cancellationToken))
        {
            Broken = item;
            item.Result = InstanceSource.BrokenOff(exception);
            throw;
        }
    }
}

/// <summary>One delivery of a call with its result.</summary>
internal sealed class StowItem(Delivery delivery)
{
    public Delivery Delivery { get; } = delivery;

    /// <summary>Valid for what is sent: a delivery without an instance is settled before.</summary>
    public InstanceId Instance => Delivery.Instance!.Value;

    public string SopInstanceUid => Instance.Sop.Value;

    /// <summary>Null until it is decided.</summary>
    public DeliveryResult? Result { get; set; }
}
