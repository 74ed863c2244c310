using System.Buffers.Binary;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Dicom.Reading;

/// <summary>
/// Reads preamble and file meta information (PS3.10 section 7.1), or finds the encoding of a bare data set from its first elements.
/// </summary>
/// <remarks>
/// The group length is not trusted. The group ends at the first element of another group, or, once the transfer syntax was named, where the
/// length says.
/// </remarks>
public static class Part10HeadReader
{
    private const int PreambleLength = 128;
    private const int Lookahead = 16;
    private static readonly DicomTag TransferSyntaxUid = new(0x0002, 0x0010);

    /// <summary>File Meta Information Group Length (0002,0000) without its value.</summary>
    private static ReadOnlySpan<byte> MetaGroupLength => [0x02, 0, 0, 0, (byte)'U', (byte)'L', 4, 0];

    /// <summary>Reads the head from the first bytes of a file; returns false if more bytes are needed.</summary>
    /// <param name="bytes">The file from its beginning.</param>
    /// <param name="isWhole">No more bytes come.</param>
    /// <param name="options">Limits.</param>
    /// <param name="head">The head.</param>
    /// <exception cref="DicomParseException">The bytes are no DICOM file, or the file meta information is damaged or too long.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, bool isWhole, DicomReaderOptions options, out Part10Head head)
    {
        head = null!;
        if (bytes.Length < PreambleLength + 4 && !isWhole)
        {
            return false;
        }

        List<DicomParseWarning> warnings = [];
        int start = 0;
        if (HasPreamble(bytes))
        {
            start = PreambleLength + 4;
        }
        else
        {
            warnings.Add(DicomParseWarning.MissingPreamble);
        }

        DicomDataset elements = new();
        if (!TryReadMeta(bytes, start, isWhole, options, elements, out int end))
        {
            return false;
        }

        FileMeta meta = new()
        {
            Elements = elements,
            TransferSyntaxUid = Text(elements, 0x0010),
            MediaStorageSopClassUid = Text(elements, 0x0002),
            MediaStorageSopInstanceUid = Text(elements, 0x0003),
        };
        return TryBegin(meta, bytes, end, isWhole, options, warnings, ref head);
    }

    /// <summary>
    /// Makes the head of a data set that comes without one, in an agreed transfer syntax; returns false if more bytes are needed.
    /// </summary>
    /// <remarks>
    /// Some senders put parts of files or commands before it. These are skipped: preamble, file meta information, command elements.
    /// </remarks>
    /// <param name="bytes">The data set from its beginning.</param>
    /// <param name="isWhole">No more bytes come.</param>
    /// <param name="syntax">The UID of the transfer syntax; a data set with another evident encoding counts as what it is.</param>
    /// <param name="options">Limits.</param>
    /// <param name="head">The head.</param>
    /// <exception cref="DicomParseException">
    /// The UID is invalid and the bytes do not show the encoding, or the part before the data set is damaged.
    /// </exception>
    internal static bool TryReadBare(ReadOnlySpan<byte> bytes, bool isWhole, string syntax, DicomReaderOptions options, out Part10Head head)
    {
        head = null!;
        if (bytes.Length < PreambleLength + 4 && !isWhole)
        {
            return false;
        }

        bool hasPreamble = HasPreamble(bytes);
        List<DicomParseWarning> warnings = hasPreamble ? [DicomParseWarning.StrippedHead] : [];
        return TryBegin(
            new FileMeta { TransferSyntaxUid = syntax }, bytes, hasPreamble ? PreambleLength + 4 : 0, isWhole, options, warnings, ref head);
    }

    private static bool HasPreamble(ReadOnlySpan<byte> bytes)
        => bytes.Length >= PreambleLength + 4 && bytes.Slice(PreambleLength, 4).SequenceEqual("DICM"u8);

    /// <summary>Skips elements of groups 0000 and 0002 before the data set, and decides on the encoding of the data set.</summary>
    private static bool TryBegin(
        FileMeta meta, ReadOnlySpan<byte> bytes, int position, bool isWhole, DicomReaderOptions options,
        List<DicomParseWarning> warnings, ref Part10Head head)
    {
        int dataSet = position;
        bool isDeflated = TransferSyntax.FromUid(meta.TransferSyntaxUid ?? "").IsDeflated;
        while (MayBeMeta(bytes[dataSet..], isDeflated))
        {
            if (!TryReadElement(bytes, position, dataSet, isWhole, options, out DicomElement? element, out dataSet))
            {
                return false;
            }

            if (element is null)
            {
                break;
            }
        }

        if (bytes.Length < dataSet + Lookahead && !isWhole)
        {
            return false;
        }

        if (dataSet > position)
        {
            warnings.Add(DicomParseWarning.StrippedHead);
        }

        head = new Part10Head(meta, Decide(meta, bytes[dataSet..], dataSet, warnings), dataSet, warnings)
        {
            Preamble = HasPreamble(bytes) ? bytes[..PreambleLength].ToArray() : default
        };
        return true;
    }

    /// <summary>Returns whether file meta information or a command may begin here.</summary>
    /// <remarks>A deflated data set may begin with any bytes: there only a group length counts.</remarks>
    private static bool MayBeMeta(ReadOnlySpan<byte> bytes, bool isDeflated)
        => bytes.Length >= 8 && (isDeflated
            ? bytes.StartsWith(MetaGroupLength)
            : BinaryPrimitives.ReadUInt16LittleEndian(bytes) is 0x0000 or 0x0002 && bytes[..8].IndexOfAnyExcept((byte)0) >= 0);

    private static TransferSyntax Decide(FileMeta meta, ReadOnlySpan<byte> dataSet, int offset, List<DicomParseWarning> warnings)
    {
        TransferSyntax? guess = TransferSyntaxGuess.Guess(dataSet);
        if (!DicomUid.IsValid(meta.TransferSyntaxUid))
        {
            warnings.Add(DicomParseWarning.GuessedTransferSyntax);
            return guess ?? throw new DicomParseException(
                DicomParseError.NotDicom, "The bytes are no DICOM file: no \"DICM\" at 128 and no data set at the start", "", offset);
        }

        TransferSyntax named = TransferSyntax.FromUid(meta.TransferSyntaxUid!);
        bool isOther = guess is not null
            && !named.IsDeflated
            && (guess.IsExplicitVR != named.IsExplicitVR || guess.IsBigEndian != named.IsBigEndian);
        if (!isOther)
        {
            return named;
        }

        // In a compressed syntax the name still describes the fragments; only the encoding of elements differs.
        warnings.Add(DicomParseWarning.WrongTransferSyntax);
        return named.IsEncapsulated ? named with { IsExplicitVR = guess!.IsExplicitVR, IsBigEndian = guess.IsBigEndian } : guess!;
    }

    private static bool TryReadMeta(
        ReadOnlySpan<byte> bytes, int start, bool isWhole, DicomReaderOptions options, DicomDataset elements, out int position)
    {
        position = start;
        int groupEnd = -1;
        while (position != groupEnd || !elements.TryGet(TransferSyntaxUid, out _))
        {
            int at = position;
            if (bytes.Length - at >= 8 && BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) != 0x0002)
            {
                return true;
            }

            if (!TryReadElement(bytes, start, at, isWhole, options, out DicomElement? element, out position))
            {
                return false;
            }

            if (element is null)
            {
                return true;
            }

            if (element.Tag.Element == 0 && element.Value.Length == 4)
            {
                long end = position + (long)BinaryPrimitives.ReadUInt32LittleEndian(element.Value.Span);
                groupEnd = end < int.MaxValue ? (int)end : -1;
            }

            elements.TryAdd(element);
        }

        return true;
    }

    /// <summary>Reads one element before the data set, in explicit VR or, like command elements, without VR.</summary>
    /// <remarks>Returns false if more bytes are needed, and no element at the end.</remarks>
    private static bool TryReadElement(
        ReadOnlySpan<byte> bytes, int start, int at, bool isWhole, DicomReaderOptions options, out DicomElement? element, out int end)
    {
        element = null;
        end = at;
        ReadOnlySpan<byte> rest = bytes[at..];
        if (rest.Length < ElementHeader.MaxSize && !isWhole)
        {
            return false;
        }

        if (rest.Length < 8)
        {
            return true;
        }

        if (!ElementHeader.TryRead(rest, isExplicit: true, isBigEndian: false, out ElementHeader header)
            || header.Length > (uint)options.MaxFileMetaBytes
            || at - start > options.MaxFileMetaBytes)
        {
            throw new DicomParseException(
                DicomParseError.BadLength,
                $"The file meta information is damaged or longer than {options.MaxFileMetaBytes} bytes",
                header.Tag.ToHex(),
                at);
        }

        if (rest.Length - header.Size < header.Length)
        {
            return !isWhole ? false : throw new DicomParseException(
                DicomParseError.Truncated, "The file ends within the file meta information", header.Tag.ToHex(), at);
        }

        byte[] value = rest.Slice(header.Size, (int)header.Length).ToArray();
        end = at + header.Size + value.Length;
        element = new DicomElement(header.Tag, header.VR == DicomVR.None ? DicomVR.UI : header.VR, value);
        return true;
    }

    private static string? Text(DicomDataset elements, ushort element)
    {
        string text = elements.TryGet(new DicomTag(0x0002, element), out DicomElement? found) ? DicomUid.Trim(found.Value.Span) : "";
        return text.Length == 0 ? null : text;
    }
}

/// <summary>Finds the encoding of a data set from its first element.</summary>
/// <remarks>Groups of a composite instance begin low, and an explicit VR is two known letters.</remarks>
internal static class TransferSyntaxGuess
{
    private const ushort HighestFirstGroup = 0x0040;
    private const uint LongestFirstValue = 1 << 20;

    /// <summary>Returns null if the bytes cannot begin a data set.</summary>
    public static TransferSyntax? Guess(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 8)
        {
            return null;
        }

        bool isLittle = IsFirstGroup(BinaryPrimitives.ReadUInt16LittleEndian(bytes));
        bool isBig = IsFirstGroup(BinaryPrimitives.ReadUInt16BigEndian(bytes));
        bool isExplicit = DicomVRTable.IsKnown((DicomVR)((bytes[4] << 8) | bytes[5]));
        if (isExplicit && (isLittle || isBig))
        {
            return isLittle ? TransferSyntax.ExplicitVRLittleEndian : TransferSyntax.ExplicitVRBigEndian;
        }

        return isLittle && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) is <= LongestFirstValue or ElementHeader.UndefinedLength
            ? TransferSyntax.ImplicitVRLittleEndian
            : null;
    }

    private static bool IsFirstGroup(ushort group) => group is >= 0x0002 and <= HighestFirstGroup;
}

/// <summary>The part before the data set, and the encoding of the data set.</summary>
/// <param name="Meta">The file meta information; empty where there is none.</param>
/// <param name="TransferSyntax">The actual encoding of the data set.</param>
/// <param name="DataSetOffset">Bytes before the data set.</param>
/// <param name="Warnings">Irregularities.</param>
public sealed record Part10Head(FileMeta Meta, TransferSyntax TransferSyntax, int DataSetOffset, IReadOnlyList<DicomParseWarning> Warnings)
{
    /// <summary>The first 128 bytes of the file; empty if there are none.</summary>
    /// <remarks>They have no meaning in DICOM, and may belong to another file format.</remarks>
    public ReadOnlyMemory<byte> Preamble { get; init; }
}

/// <summary>File meta information as it was found (PS3.10 section 7.1); only its transfer syntax is trusted.</summary>
public sealed record FileMeta
{
    /// <summary>Transfer Syntax UID (0002,0010), trimmed; null where absent or empty.</summary>
    public string? TransferSyntaxUid { get; init; }

    /// <summary>Media Storage SOP Class UID (0002,0002).</summary>
    public string? MediaStorageSopClassUid { get; init; }

    /// <summary>Media Storage SOP Instance UID (0002,0003).</summary>
    public string? MediaStorageSopInstanceUid { get; init; }

    /// <summary>The group 0002 elements.</summary>
    public DicomDataset Elements { get; init; } = new();
}
