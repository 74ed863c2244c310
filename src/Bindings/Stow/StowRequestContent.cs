using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Bindings.Source;

namespace ImagingIngestion.Bindings.Stow;

/// <summary>
/// The body of one store request (PS3.18 section 10.5.1): instances pass through from the source, each opened when its turn comes. A source
/// that breaks off breaks the request off, so that the target never takes a part of an instance for the whole. It can be sent again.
/// </summary>
/// <param name="items">What may be sent, in order.</param>
/// <param name="source">Where the instances come from.</param>
/// <param name="bytes">Bytes after which no further instance is taken.</param>
internal sealed class StowRequestContent(IReadOnlyList<StowItem> items, InstanceSource source, long bytes) : HttpContent
{
    private const int BufferBytes = 128 << 10;

    private readonly string _boundary = Guid.NewGuid().ToString("N");
    private readonly List<StowItem> _sent = [];
    private (StowItem Item, SourceInstance Instance)? _opened;

    /// <summary>The instances of the request, once it is sent.</summary>
    public IReadOnlyList<StowItem> Sent => _sent;

    /// <summary>The instance that broke off on its way from the source, and with it the request.</summary>
    public StowItem? Broken { get; private set; }

    /// <summary>The source does not work: why, for the instances that it was not asked for.</summary>
    public DeliveryResult? SourceFault { get; private set; }

    /// <summary>Opens the first instance that is there; false when none is, and nothing is to be sent.</summary>
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

                // The answer names instances by their SOP Instance UID alone, so two of one UID go in two requests.
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
