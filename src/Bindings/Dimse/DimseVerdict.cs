using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Manifest.Deliveries;

namespace ImagingIngestion.Bindings.Dimse;

/// <summary>
/// What the answer to a C-STORE, or the lack of one, means for the delivery.
/// <list type="table">
/// <item><term>0000, Bxxx and the other warnings of PS3.7</term><description>the target has it</description></item>
/// <item><term>0111</term><description>it has it, if it was added here and this binding never delivered it before; else a dead letter, for
/// the target kept the old content</description></item>
/// <item><term>A7xx, 0213</term><description>the target has no room: later, and it counts towards leaving it alone</description></item>
/// <item><term>0110, 0210</term><description>later, as often as the binding's attempts allow: receivers answer 0110 both in passing trouble
/// and for good</description></item>
/// <item><term>0122, 0124, A9xx, Cxxx and every other failure</term><description>a dead letter</description></item>
/// <item><term>rejected, aborted, lost, timed out, not connected</term><description>later, and it counts: peers and settings get
/// mended</description></item>
/// </list>
/// </summary>
internal static class DimseVerdict
{
    /// <summary>Some targets abort over it, every time, and each abort would count against the target.</summary>
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

    /// <summary>The association may have been closed by the peer while nobody used it: another try costs nothing.</summary>
    public static bool MayBeStale(AssociationException exception)
        => exception.Fault is AssociationFault.AbortedByPeer or AssociationFault.ConnectionLost or AssociationFault.Ended;

    /// <summary>The target takes the instance in no encoding that it can be had in.</summary>
    public static DeliveryResult NotTaken(string sopClassUid, string transferSyntaxUid, bool isNative)
        => DeliveryResult.Permanent(isNative
            ? $"the target does not accept SOP class {sopClassUid} in any uncompressed transfer syntax; enable it there"
            : $"the target does not accept SOP class {sopClassUid} in {transferSyntaxUid}, the compressed transfer syntax that the "
                + "instance is stored in; enable it there");
}
