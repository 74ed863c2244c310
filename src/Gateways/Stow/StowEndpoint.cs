using System.Buffers;
using System.IO.Pipelines;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Dicom.Xml;
using ImagingIngestion.Gateways.Admission;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Background;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>Answers store requests (PS3.18 section 10.5).</summary>
/// <remarks>
/// Checks what can be checked before the body, lets <see cref="StowReception"/> hand the instances to <see cref="InstanceIngest"/> one by
/// one, and reports the result of each.
/// </remarks>
internal sealed partial class StowEndpoint(
    InstanceIngest ingest, UploadAdmission admission, ServedSpace space, RequestUrls urls, StowOptions options, TimeProvider time,
    ILogger<StowEndpoint> logger)
{
    private const string DicomXml = "application/dicom+xml";
    private const int MaxLoggedRefusals = 10;

    private static readonly Representation[] Offers =
    [
        new("application/dicom+json", false),
        new(DicomXml, false),
        new(DicomXml, true),
        new("application/json", false)
    ];

    public async Task HandleAsync(HttpContext context)
    {
        Negotiation negotiation = AcceptNegotiation.Choose(context.Request, Offers);
        if (negotiation.Chosen is not { } representation)
        {
            await AcceptNegotiation.WriteRefusalAsync(context, negotiation, Offers);
            return;
        }

        if (!RouteUids.TryRead(context, out RouteUids? uids))
        {
            await RouteUids.WriteMalformedAsync(context);
            return;
        }

        StowContent content = StowContent.Read(context.Request);
        if (content.Status != 0)
        {
            await Problem.WriteAsync(
                context,
                content.Status,
                content.Status == 415 ? "Unsupported media type" : "The Content-Type cannot be used",
                content.Detail);
            return;
        }

        if (context.Request.ContentLength > options.MaxRequestBytes)
        {
            await WriteAsync(context, StowReception.TooLarge(options));
            return;
        }

        LiftServerLimits(context);
        await ReceiveAsync(context, content.Boundary, new IngestContext(space.Provider, uids.Study), representation);
    }

    private async Task ReceiveAsync(HttpContext context, string? boundary, IngestContext expected, Representation representation)
    {
        using Deadline deadline = new(options.RequestDeadline, time, context.RequestAborted);
        StowReception reception = new(ingest, admission, context, expected, options);
        PatientPipeReader body = new(context.Request.BodyReader, options.IdleTimeout, time);
        StowFault? fault;
        try
        {
            fault = await reception.ReadAsync(body, boundary, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.HasExpired)
        {
            fault = StowReception.TooLong(options);
        }

        IReadOnlyList<StoreResult> results = reception.Results;
        LogRefusals(results);
        if (fault is not null)
        {
            LogFault(fault.Status, fault.Detail, results.Count);
            if (!results.Any(result => result.IsStored))
            {
                await WriteAsync(context, fault);
                return;
            }

            results = [.. results, StoreResult.Failed(fault.Failure, fault.Detail)];
        }

        await WriteAsync(context, new StowAnswer(results, urls.Retrieve(context)), representation);
    }

    /// <summary>Logs the first few in full: a request may hold tens of thousands, and one request must not flood the log.</summary>
    private void LogRefusals(IReadOnlyList<StoreResult> results)
    {
        StoreResult[] refused = [.. results.Where(result => !result.IsStored)];
        foreach (StoreResult result in refused.Take(MaxLoggedRefusals))
        {
            StoreFailure failure = result.Failure!.Value;
            LogRefused(result.SopInstance?.Value ?? "", failure, failure.Code(), result.Detail);
        }

        if (refused.Length > MaxLoggedRefusals)
        {
            LogMoreRefused(refused.Length - MaxLoggedRefusals);
        }
    }

    private async Task WriteAsync(HttpContext context, StowAnswer answer, Representation representation)
    {
        HttpResponse response = context.Response;
        response.StatusCode = answer.Status;
        if (answer.Status == StatusCodes.Status503ServiceUnavailable)
        {
            response.Headers.RetryAfter = options.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        ArrayBufferWriter<byte> body = new();
        if (representation.MediaType != DicomXml)
        {
            response.ContentType = representation.MediaType;
            DicomJsonWriter.Write(answer.ToDataset(), body);
        }
        else
        {
            DicomXmlWriter.Write(answer.ToDataset(), body);
        }

        if (!representation.IsMultipart)
        {
            response.ContentType = representation.MediaType;
            response.ContentLength = body.WrittenCount;
            await response.BodyWriter.WriteAsync(body.WrittenMemory, context.RequestAborted);
            return;
        }

        MultipartWriter multipart = new(response.BodyWriter);
        response.ContentType = multipart.ContentType(DicomXml);
        multipart.BeginPart(DicomXml);
        multipart.Output.Write(body.WrittenSpan);
        multipart.End();
        await multipart.Output.FlushAsync(context.RequestAborted);
    }

    private Task WriteAsync(HttpContext context, StowFault fault)
        => Problem.WriteAsync(
            context,
            fault.Status,
            fault.Title,
            fault.Detail,
            fault.Status == StatusCodes.Status503ServiceUnavailable ? options.RetryAfterSeconds : null);

    /// <summary>Lifts limits of the server that do not fit large instances and slow senders; the options take their place.</summary>
    private void LiftServerLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.MaxRequestBytes;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    [LoggerMessage(4110, LogLevel.Warning, "A store request ended early with {Status} after {Count} instances: {Detail}")]
    private partial void LogFault(int status, string detail, int count);

    [LoggerMessage(4112, LogLevel.Information, "Refused instance '{SopInstanceUid}': {Failure} ({Code:X4}). {Detail}")]
    private partial void LogRefused(string sopInstanceUid, StoreFailure failure, ushort code, string detail);

    [LoggerMessage(4113, LogLevel.Information, "Refused {Count} more instances of the same request")]
    private partial void LogMoreRefused(int count);
}

/// <summary>Takes in the instances of one request; each succeeds or fails on its own.</summary>
/// <remarks>Bytes are read one part after the other, but the next part is read while those before it become durable.</remarks>
internal sealed class StowReception(
    InstanceIngest ingest, UploadAdmission admission, HttpContext http, IngestContext context, StowOptions options)
{
    /// <summary>Instances of one request that wait for the disk at the same time.</summary>
    private const int MaxUnfinished = 8;

    private readonly List<StoreResult> _results = [];
    private readonly Queue<Task<StoreResult>> _unfinished = [];
    private int _parts;

    /// <summary>The results of the instances, in the order of their parts.</summary>
    public IReadOnlyList<StoreResult> Results => _results;

    /// <summary>Reads the body to its end, or returns what ended it early.</summary>
    /// <param name="body">The request body.</param>
    /// <param name="boundary">Null for a single instance.</param>
    /// <param name="cancellationToken">Covers the deadline of the request and the end of the connection.</param>
    public async Task<StowFault?> ReadAsync(PatientPipeReader body, string? boundary, CancellationToken cancellationToken)
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

    public static StowFault TooLong(StowOptions options)
        => new(
            StatusCodes.Status408RequestTimeout,
            "The request took too long",
            $"One request may take {options.RequestDeadline.TotalSeconds:0} seconds: send fewer instances at once.",
            StoreFailure.Unavailable);

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

    /// <summary>Waits for every instance that was begun.</summary>
    /// <remarks>The exception that ended the body is on its way to the caller; stores that failed with it are passed over.</remarks>
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

/// <summary>What ended a store request before its body was read to the end.</summary>
/// <remarks>It is the whole answer if nothing was stored, else one more failure in the answer.</remarks>
/// <param name="Status">The HTTP status where nothing was stored.</param>
/// <param name="Title">What happened.</param>
/// <param name="Detail">What to change.</param>
/// <param name="Failure">How the response module names it.</param>
internal sealed record StowFault(int Status, string Title, string Detail, StoreFailure Failure);
