using System.Buffers;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Dicom.Xml;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>
/// Answers store requests below one root (PS3.18 section 10.5): checks what can be checked before the body, takes the instances in one by
/// one, tells what became of each.
/// </summary>
internal sealed partial class StowEndpoint(StowServices services, string retrieveRoot)
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

    private readonly StowOptions _options = services.Options;

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await ServeAsync(context);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested || exception is SenderGoneException)
        {
            // The sender is gone; it has heard nothing and will send again.
            context.Abort();
        }
        catch (Exception exception)
        {
            LogError(exception);
            await Problem.WriteAsync(
                context,
                500,
                "The request failed",
                "The service met an error of its own; its log says more. Sending the instances again is safe.");
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        Negotiation negotiation = AcceptNegotiation.Choose(context.Request, Offers);
        if (negotiation.Chosen is not { } representation)
        {
            await AcceptNegotiation.WriteRefusalAsync(context, negotiation, Offers);
            return;
        }

        if (!TryReadStudy(context, out StudyInstanceUid? study))
        {
            await Problem.WriteAsync(
                context,
                400,
                "Not a UID",
                "The study in the path is not a valid UID: 1 to 64 characters, digits and single dots between them (PS3.5 section 9.1).");
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

        if (context.Request.ContentLength > _options.MaxRequestBytes)
        {
            await WriteAsync(context, StowReception.TooLarge(_options));
            return;
        }

        LiftServerLimits(context);
        await ReceiveAsync(context, content.Boundary, new IngestContext(services.Web.Provider, study), representation);
    }

    private async Task ReceiveAsync(HttpContext context, string? boundary, IngestContext ingest, Representation representation)
    {
        using CancellationTokenSource deadline = new(_options.RequestDeadline, services.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, context.RequestAborted);
        StowReception reception = new(services.Ingest, services.Admission, context, ingest, _options);
        PatientPipeReader body = new(context.Request.BodyReader, _options.IdleTimeout, services.Time);
        StowFault? fault = await reception.ReadAsync(body, boundary, deadline.Token, either.Token);
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

        await WriteAsync(
            context, new StowAnswer(results, RequestUrls.Retrieve(context.Request, services.Web, retrieveRoot)), representation);
    }

    /// <summary>The first few in full: a request may hold tens of thousands, and the log belongs to everybody.</summary>
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
            response.Headers.RetryAfter = _options.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
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
            fault.Status == StatusCodes.Status503ServiceUnavailable ? _options.RetryAfterSeconds : null);

    private static bool TryReadStudy(HttpContext context, out StudyInstanceUid? study)
    {
        study = null;
        if (context.GetRouteValue("study") is not string text)
        {
            return true;
        }

        bool isValid = StudyInstanceUid.TryParse(text, out StudyInstanceUid uid);
        study = uid;
        return isValid;
    }

    /// <summary>The server's own limits do not fit instances of several GB and slow senders; ours take their place.</summary>
    private void LiftServerLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = _options.MaxRequestBytes;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
    }

    private readonly ILogger _logger = services.Logger;

    [LoggerMessage(4110, LogLevel.Warning, "A store request ended early with {Status} after {Count} instances: {Detail}")]
    private partial void LogFault(int status, string detail, int count);

    [LoggerMessage(4112, LogLevel.Information, "Refused instance '{SopInstanceUid}': {Failure} ({Code:X4}). {Detail}")]
    private partial void LogRefused(string sopInstanceUid, StoreFailure failure, ushort code, string detail);

    [LoggerMessage(4113, LogLevel.Information, "Refused {Count} more instances of the same request")]
    private partial void LogMoreRefused(int count);

    [LoggerMessage(4111, LogLevel.Error, "A store request failed")]
    private partial void LogError(Exception exception);
}

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
