using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Background;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>What the Content-Type of a store request announces (PS3.18 section 10.5.1.2).</summary>
/// <param name="Boundary">The boundary of a multipart body; null for a single instance.</param>
/// <param name="Status">0, or the status to refuse with.</param>
/// <param name="Detail">What to change.</param>
internal readonly record struct StowContent(string? Boundary, int Status, string Detail)
{
    private const string Supported =
        "Send multipart/related; type=\"application/dicom\" with a boundary, or a single application/dicom body.";

    public static StowContent Read(HttpRequest request)
    {
        string encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return Refused(StatusCodes.Status415UnsupportedMediaType, "A Content-Encoding is not supported: send the body as it is.");
        }

        if (!MediaType.TryParse(request.ContentType, out MediaType? type))
        {
            return Refused(StatusCodes.Status415UnsupportedMediaType, "The Content-Type is missing or cannot be read. " + Supported);
        }

        if (type.Essence == "application/dicom")
        {
            return new StowContent(null, 0, "");
        }

        string parts = type.RelatedType?.Essence ?? "application/dicom";
        if (type.Essence != "multipart/related" || parts != "application/dicom")
        {
            return Refused(StatusCodes.Status415UnsupportedMediaType, parts is "application/dicom+json" or "application/dicom+xml"
                ? "Metadata with separate bulk data is not supported. " + Supported
                : "This media type is not supported. " + Supported);
        }

        string boundary = type["boundary"] ?? "";
        return boundary.Length is 0 or > MultipartReader.MaxBoundaryLength
            ? Refused(
                StatusCodes.Status400BadRequest,
                $"The Content-Type has no boundary parameter of 1 to {MultipartReader.MaxBoundaryLength} characters. " + Supported)
            : new StowContent(boundary, 0, "");
    }

    private static StowContent Refused(int status, string detail) => new(null, status, detail);
}

/// <summary>The instance in a part of a multipart request.</summary>
internal sealed class PartSource(MultipartPart part) : IInstanceSource
{
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the part is read to its end: the next part may be read.</summary>
    public Task End => _end.Task;

    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            ReadOnlySequence<byte> bytes = await part.ReadAsync(cancellationToken);
            if (bytes.IsEmpty)
            {
                _end.TrySetResult();
            }

            return bytes;
        }
        catch (MultipartException exception)
        {
            throw new InstanceSourceException(exception.Message, exception);
        }
    }

    public bool EndsRequest(Exception exception) => exception is SenderGoneException or BodyTimeoutException or BadHttpRequestException;
}

/// <summary>The instance that is the whole body of a request.</summary>
internal sealed class BodySource(PipeReader body) : IInstanceSource, IDisposable
{
    private SequencePosition? _toRelease;

    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        Release();
        while (true)
        {
            ReadResult result = await body.ReadAsync(cancellationToken);
            _toRelease = result.Buffer.End;
            if (!result.Buffer.IsEmpty || result.IsCompleted)
            {
                return result.Buffer;
            }

            Release();
        }
    }

    public bool EndsRequest(Exception exception) => exception is SenderGoneException or BodyTimeoutException or BadHttpRequestException;

    public void Dispose() => Release();

    private void Release()
    {
        if (_toRelease is { } end)
        {
            _toRelease = null;
            body.AdvanceTo(end);
        }
    }
}

/// <summary>A request body whose reads end when the peer stays silent too long; slow but steady peers are not cut off.</summary>
internal sealed class PatientPipeReader(PipeReader inner, TimeSpan idleTimeout, TimeProvider time) : PipeReader
{
    private readonly PacedPipeReader _inner = new(inner);

    /// <summary>Measures the bytes and the waits for them; null until the upload has a place.</summary>
    public PeerPace? Pace
    {
        get => _inner.Pace;
        set => _inner.Pace = value;
    }

    /// <summary>Waits until the body has begun to come, or is empty; what has come stays to be read.</summary>
    public async Task WaitForBytesAsync(CancellationToken cancellationToken)
    {
        ReadResult result = await ReadAsync(cancellationToken);
        AdvanceTo(result.Buffer.Start);
    }

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (TryRead(out ReadResult ready))
        {
            if (!ready.IsCanceled)
            {
                return ready;
            }

            // The wake-up of an earlier read that had been served in the same moment.
            _inner.AdvanceTo(ready.Buffer.Start);
        }

        return await WaitAsync(cancellationToken);
    }

    private async ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        using Deadline idle = new(idleTimeout, time, cancellationToken);

        // Cancelled by token, Kestrel's reader would take the read for still running and fail when it goes on to the end of the body.
        await using CancellationTokenRegistration wake = idle.Token.UnsafeRegister(
            static reader => ((PipeReader)reader!).CancelPendingRead(), _inner);
        while (true)
        {
            ReadResult result = await ReadInnerAsync(CancellationToken.None);
            if (!result.IsCanceled)
            {
                return result;
            }

            _inner.AdvanceTo(result.Buffer.Start);
            cancellationToken.ThrowIfCancellationRequested();
            if (idle.HasExpired)
            {
                throw new BodyTimeoutException($"The sender was silent for {idleTimeout.TotalSeconds:0} seconds within the request.");
            }
        }
    }

    /// <exception cref="SenderGoneException">The connection has ended.</exception>
    public override bool TryRead(out ReadResult result)
    {
        try
        {
            return _inner.TryRead(out result);
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            throw new SenderGoneException(exception);
        }
    }

    private async ValueTask<ReadResult> ReadInnerAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _inner.ReadAsync(cancellationToken);
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            throw new SenderGoneException(exception);
        }
    }

    private static bool IsEndOfConnection(Exception exception) => exception is IOException and not BadHttpRequestException;

    public override void AdvanceTo(SequencePosition consumed) => _inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _inner.Complete(exception);
}

/// <summary>The peer sent nothing for too long, or the whole request took too long.</summary>
public sealed class BodyTimeoutException(string message) : IOException(message);

/// <summary>The sender, or the connection to it, is gone within an instance: it hears nothing and will send again.</summary>
/// <remarks>Any other fault of reading or writing is one of ours.</remarks>
public sealed class SenderGoneException(Exception inner) : IOException("The sender is gone.", inner);
