using System.Net;
using System.Security.Authentication;
using Amazon.Runtime;
using Amazon.S3;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.S3;

/// <summary>Translates the answers of an S3 server, or the lack of one, for the port.</summary>
/// <remarks>Messages of the server are not passed on.</remarks>
internal static class S3Errors
{
    private static readonly HashSet<string> FullCodes = new(
        StringComparer.Ordinal) { "QuotaExceeded", "InsufficientStorage", "EntityTooLarge" };
    private static readonly HashSet<string> DeniedCodes = new(
        StringComparer.Ordinal) { "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "AccountProblem" };
    private static readonly HashSet<string> MissingCodes = new(StringComparer.Ordinal) { "NoSuchKey", "NotFound" };

    /// <summary>Returns true if the server or the network is at fault, and false if this program is.</summary>
    public static bool IsFault(Exception exception, CancellationToken cancellationToken)
        => exception is AmazonServiceException or AmazonClientException or HttpRequestException
            or IOException or AuthenticationException or TimeoutException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Returns true if the request may have been carried out in spite of the error.</summary>
    /// <remarks>An error in an answer 200 came up after its head was sent.</remarks>
    public static bool IsOutcomeUnknown(Exception exception)
        => exception is not AmazonS3Exception answered
            || answered.StatusCode is HttpStatusCode.OK or HttpStatusCode.PreconditionFailed
                or HttpStatusCode.Conflict or >= HttpStatusCode.InternalServerError
            || answered.ErrorCode == "NoSuchUpload";

    public static bool IsMissing(AmazonS3Exception exception) => MissingCodes.Contains(exception.ErrorCode ?? "")
        || (exception.StatusCode == HttpStatusCode.NotFound && exception.ErrorCode != "NoSuchBucket");

    public static ObjectStoreException ToFault(Exception exception, string what)
    {
        if (exception is not AmazonS3Exception answered)
        {
            string reason = exception.GetBaseException() is OperationCanceledException or TimeoutException
                ? "it does not answer in time"
                : exception.GetBaseException().GetType().Name;
            return new ObjectStoreException(
                ObjectStoreFault.Unavailable, $"{what}: the S3 server cannot be reached ({reason}).", exception);
        }

        string code = answered.ErrorCode ?? "";
        ObjectStoreFault fault = IsMissing(answered) ? ObjectStoreFault.NotFound
            : FullCodes.Contains(code) || answered.StatusCode == HttpStatusCode.InsufficientStorage ? ObjectStoreFault.Full
            : DeniedCodes.Contains(code) || answered.StatusCode == HttpStatusCode.Forbidden ? ObjectStoreFault.ReadOnly
            : ObjectStoreFault.Unavailable;
        return new ObjectStoreException(fault, $"{what}: the S3 server answered {(int)answered.StatusCode} {code}.", exception);
    }
}
