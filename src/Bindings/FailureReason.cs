using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Bindings;

/// <summary>Translates the failure code of a target into the result of a delivery.</summary>
/// <remarks>
/// The code is a Failure Reason (0008,1197) of STOW-RS or a Status (0000,0900) of C-STORE. The sources are PS3.18 table I.2-2, PS3.7 annex
/// C, PS3.4 annex B, and codes that receivers in the field document.
/// </remarks>
internal static class FailureReason
{
    /// <summary>Duplicate SOP instance (PS3.7 annex C).</summary>
    public const ushort Duplicate = 0x0111;

    /// <summary>The error of an instance whose entry names no reason.</summary>
    private const string Unstated = "the target failed to store it and gave no reason";

    /// <summary>Returns the result of an instance that failed with a reason.</summary>
    /// <param name="code">The reason; null if the entry has none.</param>
    /// <param name="delivery">Fetches the instance.</param>
    public static DeliveryResult Result(ushort? code, Delivery delivery)
    {
        if (code is not { } known)
        {
            return DeliveryResult.Retry(Unstated, isTargetFault: false);
        }

        if (IsDuplicate(known))
        {
            return delivery.IsReplacement
                ? DeliveryResult.Permanent(
                    $"target kept other content: it has this instance already and does not replace it (0x{known:X4})")
                : DeliveryResult.Delivered;
        }

        string error = $"the target refused it: {Words(known)} (0x{known:X4})";
        return IsTransient(known) ? DeliveryResult.Retry(error, isTargetFault: false) : DeliveryResult.Permanent(error);
    }

    /// <summary>Duplicate SOP instance, in PS3.7 and in the numbers of Microsoft's DICOM service (45070).</summary>
    private static bool IsDuplicate(ushort code) => code is Duplicate or 0xB00E;

    /// <summary>Returns whether a later attempt may succeed.</summary>
    /// <remarks>
    /// Some targets answer processing failure for instances that never pass: the attempts are counted. The others are duplicate invocation,
    /// resource limitation, out of resources, and 45071 of Microsoft's DICOM service.
    /// </remarks>
    private static bool IsTransient(ushort code) => code is 0x0110 or 0x0210 or 0x0213 or 0xB00F or (>= 0xA700 and <= 0xA7FF);

    private static string Words(ushort code) => code switch
    {
        0x0105 => "no such attribute",
        0x0106 => "invalid attribute value",
        0x0107 => "attribute list error",
        0x0110 => "processing failure",
        0x0112 => "no such SOP instance",
        0x0115 => "invalid argument value",
        0x0117 => "invalid SOP instance",
        0x0118 => "no such SOP class",
        0x0119 => "class and instance conflict",
        0x0120 => "missing attribute",
        0x0121 => "missing attribute value",
        0x0122 => "SOP class not supported",
        0x0124 => "not authorized",
        0x0210 => "duplicate invocation",
        0x0211 => "unrecognized operation",
        0x0212 => "mistyped argument",
        0x0213 => "resource limitation",
        0xB00F => "being stored by another request",
        >= 0xA700 and <= 0xA7FF => "out of resources",
        >= 0xA900 and <= 0xA9FF => "data set does not match SOP class, or fails the target's validation",
        >= 0xC000 and <= 0xCFFF => "cannot understand",
        _ => "a reason of its own",
    };
}
