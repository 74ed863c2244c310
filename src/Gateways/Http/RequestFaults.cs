using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Gateways.Stow;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Turns the exception of a failed request into its answer: the table of errors for every service.</summary>
internal sealed partial class RequestFaults(ILogger<RequestFaults> logger) : IExceptionHandler
{
    private const int RetryAfterSeconds = 5;

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        string? path = context.Request.Path.Value;
        if (context.RequestAborted.IsCancellationRequested || exception is SenderGoneException)
        {
            // The sender got no answer and will send again.
            LogLeft(path, exception.GetType().Name);
            context.Abort();
            return true;
        }

        Fault fault = Fault.Of(exception);
        switch (fault.Status)
        {
            case StatusCodes.Status503ServiceUnavailable:
                LogUnavailable(path, exception.Message);
                break;
            case StatusCodes.Status406NotAcceptable:
                LogUnreadable(path, exception.Message);
                break;
            default:
                LogFailed(path, exception.GetType().Name, exception);
                break;
        }

        await Problem.WriteAsync(context, fault.Status, fault.Title, fault.Detail, fault.RetryAfterSeconds);
        return true;
    }

    /// <summary>Aborts the connection if a begun answer cannot be finished, so that it does not look complete.</summary>
    public async Task AbortBegunAnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            LogCutOff(context.Request.Path.Value, exception.GetType().Name, exception);
            context.Abort();
        }
    }

    [LoggerMessage(4200, LogLevel.Error, "The answer to {Path} was cut off by {Fault}")]
    private partial void LogCutOff(string? path, string fault, Exception exception);

    [LoggerMessage(4204, LogLevel.Warning, "The request {Path} was answered 503: {Reason}")]
    private partial void LogUnavailable(string? path, string reason);

    [LoggerMessage(4205, LogLevel.Debug, "The client that asked for {Path} has left ({Fault})")]
    private partial void LogLeft(string? path, string fault);

    [LoggerMessage(4202, LogLevel.Warning, "A stored instance of {Path} cannot be re-encoded: {Reason}")]
    private partial void LogUnreadable(string? path, string reason);

    [LoggerMessage(4203, LogLevel.Error, "The request {Path} failed with {Fault}")]
    private partial void LogFailed(string? path, string fault, Exception exception);

    private sealed record Fault(int Status, string Title, string Detail, int? RetryAfterSeconds = null)
    {
        public static Fault Of(Exception exception) => exception switch
        {
            HeaderBudgetException => new(
                503,
                "Too much at once",
                "Too many requests with large headers or metadata run at once; ask again later.",
                RequestFaults.RetryAfterSeconds),
            ManifestUnavailableException => new(
                503,
                "The manifest is not available",
                "The manifest store cannot answer now; ask again later.",
                RequestFaults.RetryAfterSeconds),
            ObjectStoreException => new(
                503,
                "The object store is not available",
                "The object store cannot answer now; ask again later.",
                RequestFaults.RetryAfterSeconds),

            // Without Retry-After: a retry helps only after somebody has repaired the object.
            ObjectDamagedException => new(503, "The stored object is damaged", exception.Message),
            DicomParseException or InvalidDataException => new(
                406,
                "The stored object cannot be re-encoded",
                "The stored instance cannot be read in its transfer syntax; retrieve the stored bytes with transfer-syntax=*."),
            _ => new(
                500,
                "The request failed",
                "The service met an error of its own; its log says more. Sending the same request again is safe."),
        };
    }
}
