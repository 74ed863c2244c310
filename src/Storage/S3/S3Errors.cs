using System.Net;
using System.Security.Authentication;
using Amazon.Runtime;
using Amazon.S3;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.S3;

/// <summary>What the answers of an S3 server, or the lack of one, mean to the port. Messages of the server are not passed on.</summary>
internal static class S3Errors
{
    private static readonly HashSet<string> FullCodes = new(
        StringComparer.Ordinal) { "QuotaExceeded", "InsufficientStorage", "EntityTooLarge" };
    private static readonly HashSet<string> DeniedCodes = new(
        StringComparer.Ordinal) { "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "AccountProblem" };
    private static readonly HashSet<string> MissingCodes = new(StringComparer.Ordinal) { "NoSuchKey", "NotFound" };

    /// <summary>A fault of the server or of the way to it, and not of this program.</summary>
    public static bool IsFault(Exception exception, CancellationToken cancellationToken)
        => exception is AmazonServiceException or AmazonClientException or HttpRequestException
            or IOException or AuthenticationException or TimeoutException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>
    /// Whether what was asked for may have been done all the same. An error in an answer 200 is one that came up after its head was sent.
    /// </summary>
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
