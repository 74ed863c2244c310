using System.Buffers.Binary;
using System.Net;
using ImagingIngestion.Bindings.Http;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Dicom.Xml;

namespace ImagingIngestion.Bindings.Stow;

/// <summary>The store instances response module (PS3.18 annex I) of a target's answer, in DICOM JSON or XML.</summary>
internal sealed class StowReply
{
    private static readonly DicomModelReaderOptions Limits = new() { MaxDepth = 16, MaxElements = 200_000, MaxXmlCharacters = 16 << 20 };

    private static readonly byte[][] FailureWords =
    [
        "00081198"u8.ToArray(),
        "FailedSOPSequence"u8.ToArray(),
        "0008119A"u8.ToArray(),
        "0008119a"u8.ToArray(),
        "OtherFailuresSequence"u8.ToArray()
    ];

    private readonly HashSet<string> _stored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ushort?> _failed = new(StringComparer.Ordinal);
    private readonly List<ushort?> _unnamed = [];

    /// <summary>The answer has only a status.</summary>
    public bool IsEmpty { get; private init; }

    /// <summary>The answer names no instance; it may be no store response.</summary>
    public bool NamesNothing => _stored.Count == 0 && !HasFailures;

    /// <summary>The answer mentions failures in an unreadable form.</summary>
    public bool MentionsFailures { get; private init; }

    /// <summary>Any instance failed, named or not.</summary>
    public bool HasFailures => _failed.Count + _unnamed.Count > 0;

    /// <summary>The reason of the first failure; null if it has none.</summary>
    public ushort? FirstReason => _failed.Count > 0 ? _failed.Values.First() : _unnamed.FirstOrDefault();

    /// <summary>Reads a body; one that is no response module names nothing.</summary>
    public static StowReply Parse(byte[] body)
    {
        ReadOnlySpan<byte> text = body.AsSpan();
        text = (text.StartsWith("\uFEFF"u8) ? text[3..] : text).Trim(" \t\r\n"u8);
        if (text.IsEmpty)
        {
            return new StowReply { IsEmpty = true };
        }

        try
        {
            IReadOnlyList<DicomDataset> all = text switch
            {
                [(byte)'{' or (byte)'[', ..] => DicomJsonReader.ReadAll(text, Limits),
                [(byte)'<', ..] => [DicomXmlReader.Read(body, Limits)],
                _ => [],
            };
            StowReply reply = new();
            foreach (DicomDataset module in all)
            {
                reply.Add(module);
            }

            return reply;
        }
        catch (DicomModelException)
        {
            return new StowReply { MentionsFailures = FailureWords.Any(word => body.AsSpan().IndexOf(word) >= 0) };
        }
    }

    public bool IsStored(string sopInstanceUid) => _stored.Contains(sopInstanceUid);

    public bool HasFailed(string sopInstanceUid, out ushort? reason) => _failed.TryGetValue(sopInstanceUid, out reason);

    private static IReadOnlyList<DicomDataset> Items(DicomDataset module, DicomTag tag)
        => module.TryGet(tag, out DicomElement? sequence) ? sequence.Items ?? [] : [];

    private static string? Uid(DicomDataset item)
        => item.TryGet(DicomTag.ReferencedSOPInstanceUID, out DicomElement? element)
            && DicomUid.Trim(element.Value.Span) is { Length: > 0 } uid ? uid : null;

    private static ushort? Reason(DicomDataset item)
        => item.TryGet(DicomTag.FailureReason, out DicomElement? element)
            && element.Value.Length >= sizeof(ushort)
            && element.VR == DicomVR.US
            ? BinaryPrimitives.ReadUInt16LittleEndian(element.Value.Span)
            : null;

    private void Add(DicomDataset module)
    {
        foreach (DicomDataset item in Items(module, DicomTag.ReferencedSOPSequence))
        {
            if (Uid(item) is { } uid)
            {
                _stored.Add(uid);
            }
        }

        foreach (DicomDataset item in Items(module, DicomTag.FailedSOPSequence).Concat(Items(module, DicomTag.OtherFailuresSequence)))
        {
            if (Uid(item) is { } uid)
            {
                _failed[uid] = Reason(item);
            }
            else
            {
                _unnamed.Add(Reason(item));
            }
        }
    }
}

/// <summary>Decides from a target's answer about each instance of a request.</summary>
/// <remarks>
/// An instance is delivered only if the answer names it, or is nothing but a status. An answer about several that does not tell decides
/// nothing: they are sent again one by one.
/// </remarks>
/// <param name="trustsStatus">A 2xx whose body names no instance counts as success.</param>
internal sealed class StowVerdict(bool trustsStatus)
{
    /// <summary>Returns whether the status concerns the target or its configuration, whatever instance was sent.</summary>
    /// <remarks>
    /// Such faults can be repaired: a wrong path or an expired token must not turn all waiting deliveries into dead letters.
    /// </remarks>
    public static bool IsTargetFault(HttpStatusCode status)
        => (int)status is >= 500 or < 200 or (>= 300 and < 400) or 401 or 403 or 404 or 405 or 406
            or 407 or 408 or 410 or 411 or 417 or 421 or 425 or 426 or 429;

    /// <summary>Returns the result of an instance; null if the answer does not tell.</summary>
    /// <param name="item">The instance.</param>
    /// <param name="status">A status that is no fault of the target.</param>
    /// <param name="reply">The body.</param>
    /// <param name="isAlone">The request had no other instance.</param>
    public DeliveryResult? Of(StowItem item, HttpStatusCode status, StowReply reply, bool isAlone)
    {
        if (reply.HasFailed(item.SopInstanceUid, out ushort? reason))
        {
            return FailureReason.Result(reason, item.Delivery);
        }

        bool isSuccess = (int)status < 300;
        if (isSuccess
            && (reply.IsEmpty || reply.IsStored(item.SopInstanceUid) || (trustsStatus && reply.NamesNothing && !reply.MentionsFailures)))
        {
            return DeliveryResult.Delivered;
        }

        if (!isAlone)
        {
            return null;
        }

        // A failure that names no instance, or an unknown one, concerns the only one that was sent.
        if (reply.HasFailures)
        {
            return FailureReason.Result(reply.FirstReason, item.Delivery);
        }

        if (status == HttpStatusCode.Conflict && reply.IsEmpty)
        {
            return FailureReason.Result(FailureReason.Duplicate, item.Delivery);
        }

        return isSuccess
            ? DeliveryResult.Retry(
                $"the target answered with status {(int)status}, but does not say that it is stored: its answer {Words(reply)}",
                isTargetFault: false)
            : DeliveryResult.Permanent($"the target refused it with {TargetFaults.Describe(status)} and gave no reason");
    }

    private static string Words(StowReply reply)
        => reply.MentionsFailures ? "speaks of failures in a form that cannot be read as DICOM JSON or XML"
            : reply.NamesNothing ? "names no instance, or is no store response (STOW_TRUST_STATUS takes such an answer as success)"
            : "names other instances only";
}
