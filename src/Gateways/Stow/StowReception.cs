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
internal sealed class StowReception(InstanceIngest ingest, UploadAdmission admission, HttpContext http, IngestContext context, StowOptions options)
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
    public async Task<StowFault?> ReadAsync(PatientPipeReader body, string? boundary, CancellationToken deadline, CancellationToken cancellationToken)
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
            return new StowFault(StatusCodes.Status400BadRequest, "The multipart body cannot be read", exception.Message, StoreFailure.CannotUnderstand);
        }
        catch (BodyTimeoutException exception)
        {
            return new StowFault(StatusCodes.Status408RequestTimeout, "The request body came too slowly", exception.Message, StoreFailure.Unavailable);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(options);
        }
        catch (BadHttpRequestException)
        {
            return new StowFault(StatusCodes.Status400BadRequest, "The request body cannot be read", "The HTTP message ends early or is malformed.", StoreFailure.CannotUnderstand);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return new StowFault(StatusCodes.Status408RequestTimeout, "The request took too long", $"One request may take {options.RequestDeadline.TotalSeconds:0} seconds: send fewer instances at once.", StoreFailure.Unavailable);
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
                ? new StowFault(StatusCodes.Status408RequestTimeout, "The request body came too slowly", "Others waited for the place of this upload: send again later, or faster.", StoreFailure.Unavailable)
                : TooMany("Other senders wait, and this one had more uploads than its share");
        }
    }

    private static StowFault TooMany(string reason)
        => new(StatusCodes.Status503ServiceUnavailable, "Too many uploads", reason + ": send again later.", StoreFailure.ResourceLimitation);

    public static StowFault TooLarge(StowOptions options)
        => new(StatusCodes.Status413PayloadTooLarge, "Request too large", $"One request may have {options.MaxRequestBytes} bytes: send fewer instances at once.", StoreFailure.ResourceLimitation);

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
            return fault ?? (_parts > 0 ? null : new StowFault(StatusCodes.Status400BadRequest, "No instances", "The multipart body has no parts: send one part for each instance.", StoreFailure.CannotUnderstand));
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
                return new StowFault(StatusCodes.Status413PayloadTooLarge, "Too many parts", $"One request may have {options.MaxParts} parts: send fewer instances at once.", StoreFailure.ResourceLimitation);
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

    /// <summary>Waits for every instance that was begun. What ended the body is on its way to the caller already, so a store that ended with it says nothing here.</summary>
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
