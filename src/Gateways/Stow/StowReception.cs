using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>
/// Takes in the instances of one request; each succeeds or fails on its own. Bytes are read one part after the other, but the next part is
/// read while those before it become durable.
/// </summary>
internal sealed class StowReception(
    InstanceIngest ingest, UploadAdmission admission, HttpContext http, IngestContext context, StowOptions options)
{
    /// <summary>Instances of one request that wait for the disk at the same time.</summary>
    private const int MaxUnfinished = 8;

    private readonly List<StoreResult> _results = [];
    private readonly Queue<Task<StoreResult>> _unfinished = [];
    private int _parts;

    /// <summary>What became of the instances, in the order of their parts.</summary>
    public IReadOnlyList<StoreResult> Results => _results;

    /// <summary>Reads the body to its end, or to what keeps it from being read on.</summary>
    /// <param name="body">The request body.</param>
    /// <param name="boundary">Null for a single instance.</param>
    /// <param name="deadline">Ends a request that takes too long.</param>
    /// <param name="cancellationToken">Covers the deadline and the peer's going away.</param>
    public async Task<StowFault?> ReadAsync(
        PatientPipeReader body, string? boundary, CancellationToken deadline, CancellationToken cancellationToken)
    {
        BoundedConnection? connection = BoundedConnection.Of(http);
        try
        {
            connection?.EndWork();
            await body.WaitForBytesAsync(cancellationToken);
            connection?.BeginWork();
            using FairPlace? place = await admission.TryEnterAsync(http.Connection.RemoteIpAddress, cancellationToken);
            return place is null ? TooMany("All places for uploads are taken") : await ReadAsync(body, boundary, place, cancellationToken);
        }
        catch (MultipartException exception)
        {
            return new StowFault(
                StatusCodes.Status400BadRequest, "The multipart body cannot be read", exception.Message, StoreFailure.CannotUnderstand);
        }
        catch (BodyTimeoutException exception)
        {
            return new StowFault(
                StatusCodes.Status408RequestTimeout, "The request body came too slowly", exception.Message, StoreFailure.Unavailable);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(options);
        }
        catch (BadHttpRequestException)
        {
            return new StowFault(
                StatusCodes.Status400BadRequest,
                "The request body cannot be read",
                "The HTTP message ends early or is malformed.",
                StoreFailure.CannotUnderstand);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return new StowFault(
                StatusCodes.Status408RequestTimeout,
                "The request took too long",
                $"One request may take {options.RequestDeadline.TotalSeconds:0} seconds: send fewer instances at once.",
                StoreFailure.Unavailable);
        }
    }

    /// <summary>Reads while the place lasts.</summary>
    private async Task<StowFault?> ReadAsync(PatientPipeReader body, string? boundary, FairPlace place, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(place.Revoked, cancellationToken);
        body.Pace = place.Pace;
        try
        {
            return boundary is null ? await ReadSingleAsync(body, either.Token) : await ReadPartsAsync(body, boundary, either.Token);
        }
        catch (OperationCanceledException) when (place.Loss is { } loss && !cancellationToken.IsCancellationRequested)
        {
            return loss == PlaceLoss.TooSlow
                ? new StowFault(
                    StatusCodes.Status408RequestTimeout,
                    "The request body came too slowly",
                    "Others waited for the place of this upload: send again later, or faster.",
                    StoreFailure.Unavailable)
                : TooMany("Other senders wait, and this one had more uploads than its share");
        }
    }

    private static StowFault TooMany(string reason)
        => new(
            StatusCodes.Status503ServiceUnavailable, "Too many uploads", reason + ": send again later.", StoreFailure.ResourceLimitation);

    public static StowFault TooLarge(StowOptions options)
        => new(
            StatusCodes.Status413PayloadTooLarge,
            "Request too large",
            $"One request may have {options.MaxRequestBytes} bytes: send fewer instances at once.",
            StoreFailure.ResourceLimitation);

    private async Task<StowFault?> ReadSingleAsync(PipeReader body, CancellationToken cancellationToken)
    {
        using BodySource source = new(body);
        _results.Add(await ingest.StoreAsync(source, context, cancellationToken));
        return null;
    }

    private async Task<StowFault?> ReadPartsAsync(PipeReader body, string boundary, CancellationToken cancellationToken)
    {
        try
        {
            StowFault? fault = await StartPartsAsync(body, boundary, cancellationToken);
            return fault ?? (_parts > 0 ? null : new StowFault(
                StatusCodes.Status400BadRequest,
                "No instances",
                "The multipart body has no parts: send one part for each instance.",
                StoreFailure.CannotUnderstand));
        }
        finally
        {
            await FinishAsync();
        }
    }

    /// <summary>Reads part after part; their results follow in <see cref="FinishAsync"/>.</summary>
    private async Task<StowFault?> StartPartsAsync(PipeReader body, string boundary, CancellationToken cancellationToken)
    {
        using MultipartReader reader = new(body, boundary);
        while (await reader.ReadPartAsync(cancellationToken) is { } part)
        {
            if (_parts++ == options.MaxParts)
            {
                return new StowFault(
                    StatusCodes.Status413PayloadTooLarge,
                    "Too many parts",
                    $"One request may have {options.MaxParts} parts: send fewer instances at once.",
                    StoreFailure.ResourceLimitation);
            }

            IDisposable? room = _unfinished.Count == 0 ? null : admission.TryAdd(ingest.UploadBytes);
            if (room is null)
            {
                await FinishAllAsync(cancellationToken);
            }

            PartSource source = new(part);
            Task<StoreResult> store = ingest.StoreAsync(source, context with { Room = room }, cancellationToken);
            _unfinished.Enqueue(store);
            if (await Task.WhenAny(store, source.End) == store)
            {
                // The part failed before its end, or the body did; the latter ends the request here.
                await store;
            }

            while (_unfinished.Count >= MaxUnfinished)
            {
                _results.Add(await _unfinished.Dequeue());
            }
        }

        return null;
    }

    /// <summary>Waits until the room of the request is free for the next instance.</summary>
    private async Task FinishAllAsync(CancellationToken cancellationToken)
    {
        while (_unfinished.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _results.Add(await _unfinished.Dequeue());
        }
    }

    /// <summary>
    /// Waits for every instance that was begun. What ended the body is on its way to the caller already, so a store that ended with it says
    /// nothing here.
    /// </summary>
    private async Task FinishAsync()
    {
        while (_unfinished.TryDequeue(out Task<StoreResult>? store))
        {
            await Task.WhenAny(store);
            if (store.IsCompletedSuccessfully)
            {
                _results.Add(await store);
            }
        }
    }
}

/// <summary>
/// What ended a store request before its body was read to the end: the whole answer where nothing was stored, else one more failure in it.
/// </summary>
/// <param name="Status">The HTTP status where nothing was stored.</param>
/// <param name="Title">What happened.</param>
/// <param name="Detail">What to change.</param>
/// <param name="Failure">How the response module tells it.</param>
internal sealed record StowFault(int Status, string Title, string Detail, StoreFailure Failure);

/// <summary>The bounds of one store request.</summary>
public sealed record StowOptions
{
    /// <summary>Parts of one request; each leaves its line in the answer, which is kept in memory.</summary>
    public int MaxParts { get; init; } = 50_000;

    /// <summary>Bytes of one request, null for no limit.</summary>
    public long? MaxRequestBytes { get; init; }

    /// <summary>How long one request may take in all.</summary>
    public TimeSpan RequestDeadline { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How long a sender may stay silent within a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What a sender that is told to try later waits.</summary>
    public int RetryAfterSeconds { get; init; } = 10;
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
