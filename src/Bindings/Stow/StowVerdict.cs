using System.Net;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Bindings;

/// <summary>
/// Decides from a target's answer what became of each instance of a request. Where an answer about several does not tell, nothing is decided:
/// they are sent again one by one, and the answer about a single one always tells.
/// </summary>
internal static class StowVerdict
{
    /// <summary>
    /// Statuses about the target or its configuration, whatever instance was sent: these heal without a word about the instances, and a wrong
    /// path or an expired token must not turn everything that waits into dead letters.
    /// </summary>
    public static bool IsTargetFault(HttpStatusCode status)
        => (int)status is >= 500 or < 200 or (>= 300 and < 400) or 401 or 403 or 404 or 405 or 406 or 407 or 408 or 410 or 411 or 417 or 421 or 425 or 426 or 429;

    /// <summary>What became of an instance; null when the answer does not tell.</summary>
    /// <param name="item">The instance.</param>
    /// <param name="status">The status, one that is no fault of the target.</param>
    /// <param name="body">The body, complete.</param>
    /// <param name="reply">The body as it was understood; null when it was not.</param>
    /// <param name="isAlone">No other instance was in the request.</param>
    public static DeliveryResult? Of(StowItem item, HttpStatusCode status, byte[] body, StowReply? reply, bool isAlone)
    {
        ChangeKind? change = item.Delivery.Change;
        if (reply?.HasFailed(item.SopInstanceUid, out ushort? reason) == true)
        {
            return FailureReason.Result(reason, change);
        }

        bool isSuccess = (int)status < 300;
        if (isSuccess && reply is null)
        {
            // Many receivers answer with nothing, or with a page: success, unless it speaks of failures in a form that cannot be read.
            return StowReply.MentionsFailures(body)
                ? DeliveryResult.Retry($"status {(int)status} with failures in a body that cannot be read as DICOM JSON or XML", isTargetFault: false)
                : DeliveryResult.Delivered;
        }

        if (isSuccess && (reply!.IsStored(item.SopInstanceUid) || !reply.HasFailures))
        {
            return DeliveryResult.Delivered;
        }

        if (!isAlone)
        {
            return null;
        }

        // A failure that names no instance, or another than was sent, can only be about the one that was sent.
        return reply?.HasFailures == true
            ? FailureReason.Result(reply.FirstReason, change)
            : DeliveryResult.Permanent($"the target refused it with {TargetFaults.Describe(status)} and gave no reason");
    }
}
