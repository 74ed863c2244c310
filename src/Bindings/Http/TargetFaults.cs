using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ImagingIngestion.Bindings.Http;

/// <summary>Describes why a call of a target failed: for an operator, without secrets, patient data or stack traces.</summary>
public static class TargetFaults
{
    private const int MaxDetail = 200;

    /// <summary>Returns true for failures of network calls; false for faults of the caller and its own cancellation.</summary>
    public static bool IsNetworkFault(Exception exception, CancellationToken cancellationToken)
        => exception is HttpRequestException or IOException or SocketException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Describes a failed call.</summary>
    /// <param name="exception">The fault.</param>
    /// <param name="endpoint">The target of the call.</param>
    public static string Describe(Exception exception, Uri endpoint)
    {
        string target = endpoint.Authority;
        for (Exception? fault = exception; fault is not null; fault = fault.InnerException)
        {
            switch (fault)
            {
                case TargetException:
                    return fault.Message;
                case SocketException socket:
                    return $"{target} cannot be reached: {socket.SocketErrorCode}.";
                case AuthenticationException:
                    return $"TLS with {target} failed: {Detail(fault)}";
                case OperationCanceledException or TimeoutException:
                    return $"{target} did not accept a connection in time.";
                case HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }
                    or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }:
                    return $"{target} closed the connection before its answer was complete.";
                case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse
                    or HttpRequestError.ConfigurationLimitExceeded }:
                    return $"{target} sent an answer that is not valid HTTP, or too long.";
            }
        }

        return $"The connection to {target} failed ({exception.GetType().Name}).";
    }

    /// <summary>Describes a status; the reason phrase of the target is left out.</summary>
    public static string Describe(HttpStatusCode status) => (int)status switch
    {
        >= 300 and < 400 =>
            $"status {(int)status}: the target wants to redirect, which is not followed; set the endpoint to where it leads",
        401 => "status 401: the target does not take the credentials",
        403 => "status 403: the credentials are not allowed to do this",
        404 or 405 or 410 => $"status {(int)status}: the target does not offer this at the endpoint; check its path",
        429 => "status 429: the target asks for fewer requests",
        int other => $"status {other}",
    };

    /// <summary>
    /// Returns how long the target asks to wait, at most <see cref="RetryOptions.LongestRetryAfter"/>; null if it does not.
    /// </summary>
    public static TimeSpan? RetryAfter(HttpResponseHeaders headers, TimeProvider time)
    {
        if (headers.RetryAfter is not { } header || (header.Delta ?? header.Date - time.GetUtcNow()) is not { } wait)
        {
            return null;
        }

        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > RetryOptions.LongestRetryAfter ? RetryOptions.LongestRetryAfter : wait;
    }

    /// <summary>Returns the innermost message, which comes from TLS itself.</summary>
    private static string Detail(Exception fault)
    {
        string text = fault.GetBaseException().Message.ReplaceLineEndings(" ");
        return text.Length > MaxDetail ? text[..MaxDetail] : text;
    }
}

/// <summary>A call of a target failed; the message tells an operator why, without secrets and without patient data.</summary>
public sealed class TargetException(string message, Exception? inner = null) : HttpRequestException(message, inner);
