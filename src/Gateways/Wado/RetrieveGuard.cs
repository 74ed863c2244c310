using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>
/// Runs a search or retrieve. A failure before the first byte becomes a problem; one after it aborts the connection, because an answer that
/// ends early must not look complete.
/// </summary>
internal sealed partial class RetrieveGuard(ILogger logger)
{
    private const int RetryAfterSeconds = 5;

    public async Task RunAsync(HttpContext context, Func<HttpContext, Task> handler)
    {
        try
        {
            await handler(context);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested)
        {
            LogLeft(context.Request.Path.Value, exception.GetType().Name);
            context.Abort();
        }
        catch (Exception exception) when (context.Response.HasStarted)
        {
            LogCutOff(context.Request.Path.Value, exception.GetType().Name, exception);
            context.Abort();
        }
        catch (HeaderBudgetException exception)
        {
            LogUnavailable(context.Request.Path.Value, exception.Message);
            await WriteAsync(
                context,
                503,
                "Too much at once",
                "Too many requests with large headers or metadata run at once; ask again later.",
                RetryAfterSeconds);
        }
        catch (ManifestUnavailableException exception)
        {
            LogUnavailable(context.Request.Path.Value, exception.Message);
            await WriteAsync(
                context, 503, "The manifest is not available", "The manifest store cannot answer now; ask again later.", RetryAfterSeconds);
        }
        catch (ObjectStoreException exception)
        {
            LogUnavailable(context.Request.Path.Value, exception.Message);
            await WriteAsync(
                context,
                503,
                "The object store is not available",
                "The object store cannot answer now; ask again later.",
                RetryAfterSeconds);
        }
        catch (ObjectDamagedException exception)
        {
            LogUnavailable(context.Request.Path.Value, exception.Message);

            // Without Retry-After: asking again helps only after somebody has mended it.
            await WriteAsync(context, 503, "The stored object is damaged", exception.Message);
        }
        catch (Exception exception) when (exception is DicomParseException or InvalidDataException)
        {
            LogUnreadable(context.Request.Path.Value, exception.Message);
            await WriteAsync(
                context,
                406,
                "The stored object cannot be re-encoded",
                "The stored instance cannot be read in its transfer syntax; retrieve the stored bytes with transfer-syntax=*.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogFailed(context.Request.Path.Value, exception.GetType().Name, exception);
            await WriteAsync(context, 500, "The request failed", "The service met an error of its own; its log says more.");
        }
    }

    private static Task WriteAsync(HttpContext context, int status, string title, string detail, int? retryAfterSeconds = null)
    {
        // Headers of the answer that did not come about must not describe this one.
        context.Response.Clear();
        return Problem.WriteAsync(context, status, title, detail, retryAfterSeconds);
    }

    [LoggerMessage(4200, LogLevel.Error, "The answer to {Path} was cut off by {Fault}")]
    private partial void LogCutOff(string? path, string fault, Exception exception);

    [LoggerMessage(4204, LogLevel.Warning, "The request {Path} was answered 503: {Reason}")]
    private partial void LogUnavailable(string? path, string reason);

    [LoggerMessage(4205, LogLevel.Debug, "Who asked for {Path} has left ({Fault})")]
    private partial void LogLeft(string? path, string fault);

    [LoggerMessage(4202, LogLevel.Warning, "A stored instance of {Path} cannot be re-encoded: {Reason}")]
    private partial void LogUnreadable(string? path, string reason);

    [LoggerMessage(4203, LogLevel.Error, "The request {Path} failed with {Fault}")]
    private partial void LogFailed(string? path, string fault, Exception exception);
}
