using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings.Dimse;

/// <summary>Translates the answer to a C-STORE, or the lack of one, into the result of a delivery.</summary>
/// <remarks>
/// <list type="table">
/// <item><term>0000, Bxxx and the other warnings of PS3.7</term><description>the target has it</description></item>
/// <item><term>0111</term><description>the target has it if it was added here and this binding never delivered it before; otherwise the
/// target kept the old content, and it is a dead letter</description></item>
/// <item><term>A7xx, 0213</term><description>the target has no room: retried, and counted as a fault of the target</description></item>
/// <item><term>0110, 0210</term><description>retried as often as the binding allows: receivers answer 0110 both for passing faults and
/// for good</description></item>
/// <item><term>0122, 0124, A9xx, Cxxx and every other failure</term><description>a dead letter</description></item>
/// <item><term>rejected, aborted, lost, timed out, not connected</term><description>retried, and counted: peers and settings can be
/// repaired</description></item>
/// </list>
/// </remarks>
internal static class DimseVerdict
{
    /// <summary>Some targets abort at such a data set every time, and each abort would count against the target.</summary>
    public static DeliveryResult OddLength { get; } = DeliveryResult.Permanent(
        "the target aborted at a data set with an odd number of bytes, which is stored as it came but which fragments of DIMSE may not "
            + "have (PS3.8 section 9.3.5.1)");

    public static DeliveryResult Of(DimseStatus status, Delivery delivery)
    {
        if (status.IsSuccess || status.IsWarning)
        {
            return DeliveryResult.Delivered;
        }

        if (status.IsPending || status.IsCancel)
        {
            return DeliveryResult.Retry($"the target answered a C-STORE with {status}, which is no answer to it", isTargetFault: true);
        }

        DeliveryResult result = FailureReason.Result(status.Code, delivery);
        return status.Code is 0x0213 or (>= 0xA700 and <= 0xA7FF) ? DeliveryResult.Retry(result.Error!, isTargetFault: true) : result;
    }

    public static DeliveryResult Of(AssociationException exception) => exception.Fault switch
    {
        AssociationFault.AllInUse => DeliveryResult.Released,
        AssociationFault.RejectedPermanently => DeliveryResult.Retry(
            $"{exception.Message} Check DIMSE_TARGET_AE and DIMSE_AE, and that the target knows our title.", isTargetFault: true),
        _ => DeliveryResult.Retry(exception.Message, isTargetFault: true),
    };

    /// <summary>Returns whether the peer may have closed the association while it was idle: another try costs nothing.</summary>
    public static bool MayBeStale(AssociationException exception)
        => exception.Fault is AssociationFault.AbortedByPeer or AssociationFault.ConnectionLost or AssociationFault.Ended;

    /// <summary>Returns the result if the target accepts the instance in no available encoding.</summary>
    public static DeliveryResult NotTaken(string sopClassUid, string transferSyntaxUid, bool isNative)
        => DeliveryResult.Permanent(isNative
            ? $"the target does not accept SOP class {sopClassUid} in any uncompressed transfer syntax; enable it there"
            : $"the target does not accept SOP class {sopClassUid} in {transferSyntaxUid}, the compressed transfer syntax that the "
                + "instance is stored in; enable it there");
}
