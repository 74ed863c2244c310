using System.Net;
using ImagingIngestion.Bindings.Http;

namespace ImagingIngestion.Bindings.Stow;

/// <summary>
/// Decides from a target's answer what became of each instance of a request. An instance is delivered only if the answer names it, or is nothing but
/// a status. Where an answer about several does not tell, nothing is decided: they are sent again one by one.
/// </summary>
/// <param name="trustsStatus">A 2xx whose body names no instance counts as success.</param>
internal sealed class StowVerdict(bool trustsStatus)
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
    /// <param name="reply">The body.</param>
    /// <param name="isAlone">No other instance was in the request.</param>
    public DeliveryResult? Of(StowItem item, HttpStatusCode status, StowReply reply, bool isAlone)
    {
        if (reply.HasFailed(item.SopInstanceUid, out ushort? reason))
        {
            return FailureReason.Result(reason, item.Delivery);
        }

        bool isSuccess = (int)status < 300;
        if (isSuccess && (reply.IsEmpty || reply.IsStored(item.SopInstanceUid) || (trustsStatus && reply.NamesNothing && !reply.MentionsFailures)))
        {
            return DeliveryResult.Delivered;
        }

        if (!isAlone)
        {
            return null;
        }

        // A failure that names no instance, or another than was sent, can only be about the one that was sent.
        if (reply.HasFailures)
        {
            return FailureReason.Result(reply.FirstReason, item.Delivery);
        }

        if (status == HttpStatusCode.Conflict && reply.IsEmpty)
        {
            return FailureReason.Result(FailureReason.Duplicate, item.Delivery);
        }

        return isSuccess
            ? DeliveryResult.Retry($"the target answered with status {(int)status}, but does not say that it is stored: its answer {Words(reply)}", isTargetFault: false)
            : DeliveryResult.Permanent($"the target refused it with {TargetFaults.Describe(status)} and gave no reason");
    }

    private static string Words(StowReply reply)
        => reply.MentionsFailures ? "speaks of failures in a form that cannot be read as DICOM JSON or XML"
            : reply.NamesNothing ? "names no instance, or is no store response (STOW_TRUST_STATUS takes such an answer as success)"
            : "names other instances only";
}
