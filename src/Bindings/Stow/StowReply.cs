using System.Buffers.Binary;
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

    /// <summary>There is no answer but the status.</summary>
    public bool IsEmpty { get; private init; }

    /// <summary>It names no instance, be it because it is no store response.</summary>
    public bool NamesNothing => _stored.Count == 0 && !HasFailures;

    /// <summary>It speaks of failures in a form that cannot be read.</summary>
    public bool MentionsFailures { get; private init; }

    /// <summary>Any instance failed, be it named or not.</summary>
    public bool HasFailures => _failed.Count + _unnamed.Count > 0;

    /// <summary>The reason of the only, or the first, failure; null when it has none.</summary>
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
