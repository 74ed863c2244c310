using System.Buffers.Binary;

namespace ImagingIngestion.Dicom;

/// <summary>
/// Reads preamble and file meta information (PS3.10 section 7.1), or tells from the first elements how a bare data set is encoded. The group
/// length is not believed: the group ends at the first element of another group, or where the length says once the transfer syntax was named.
/// </summary>
public static class Part10HeadReader
{
    private const int PreambleLength = 128;
    private const int Lookahead = 16;
    private static readonly DicomTag TransferSyntaxUid = new(0x0002, 0x0010);

    /// <summary>Reads the head from the first bytes of a file; false when more bytes are needed.</summary>
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
        if (bytes.Length >= PreambleLength + 4 && bytes.Slice(PreambleLength, 4).SequenceEqual("DICM"u8))
        {
            start = PreambleLength + 4;
        }
        else
        {
            warnings.Add(DicomParseWarning.MissingPreamble);
        }

        DicomDataset elements = new();
        if (!TryReadMeta(bytes, start, isWhole, options, elements, out int dataSet) || (bytes.Length < dataSet + Lookahead && !isWhole))
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
        head = new Part10Head(meta, Decide(meta, bytes[dataSet..], dataSet, warnings), dataSet, warnings);
        return true;
    }

    /// <summary>Makes the head of a data set that comes without one, in a transfer syntax that was agreed on; false when more bytes are needed.</summary>
    /// <param name="bytes">The data set from its beginning.</param>
    /// <param name="isWhole">No more bytes come.</param>
    /// <param name="syntax">The UID of the transfer syntax; a data set that is plainly encoded otherwise counts as what it is.</param>
    /// <param name="head">The head.</param>
    /// <exception cref="DicomParseException">The UID is none, and the bytes do not tell either.</exception>
    internal static bool TryReadBare(ReadOnlySpan<byte> bytes, bool isWhole, string syntax, out Part10Head head)
    {
        head = null!;
        if (bytes.Length < Lookahead && !isWhole)
        {
            return false;
        }

        List<DicomParseWarning> warnings = [];
        FileMeta meta = new() { TransferSyntaxUid = syntax };
        head = new Part10Head(meta, Decide(meta, bytes, 0, warnings), DataSetOffset: 0, warnings);
        return true;
    }

    private static TransferSyntax Decide(FileMeta meta, ReadOnlySpan<byte> dataSet, int offset, List<DicomParseWarning> warnings)
    {
        TransferSyntax? guess = TransferSyntaxGuess.Guess(dataSet);
        if (!DicomUid.IsValid(meta.TransferSyntaxUid))
        {
            warnings.Add(DicomParseWarning.GuessedTransferSyntax);
            return guess ?? throw new DicomParseException(DicomParseError.NotDicom, "The bytes are no DICOM file: no \"DICM\" at 128 and no data set at the start", "", offset);
        }

        TransferSyntax named = TransferSyntax.FromUid(meta.TransferSyntaxUid!);
        bool isOther = guess is not null && !named.IsDeflated && (guess.IsExplicitVR != named.IsExplicitVR || guess.IsBigEndian != named.IsBigEndian);
        if (!isOther)
        {
            return named;
        }

        // Under a compressed syntax the name still says what the fragments are; only the way of writing elements differs.
        warnings.Add(DicomParseWarning.WrongTransferSyntax);
        return named.IsEncapsulated ? named with { IsExplicitVR = guess!.IsExplicitVR, IsBigEndian = guess.IsBigEndian } : guess!;
    }

    private static bool TryReadMeta(ReadOnlySpan<byte> bytes, int start, bool isWhole, DicomReaderOptions options, DicomDataset elements, out int position)
    {
        position = start;
        int groupEnd = -1;
        while (position != groupEnd || !elements.TryGet(TransferSyntaxUid, out _))
        {
            ReadOnlySpan<byte> rest = bytes[position..];
            if (rest.Length < ElementHeader.MaxSize && !isWhole)
            {
                return false;
            }

            if (rest.Length < 8 || BinaryPrimitives.ReadUInt16LittleEndian(rest) != 0x0002)
            {
                return true;
            }

            if (!ElementHeader.TryRead(rest, isExplicit: true, isBigEndian: false, out ElementHeader header) || header.Length > (uint)options.MaxFileMetaBytes || position - start > options.MaxFileMetaBytes)
            {
                throw new DicomParseException(DicomParseError.BadLength, $"The file meta information is damaged or longer than {options.MaxFileMetaBytes} bytes", header.Tag.ToHex(), position);
            }

            if (rest.Length - header.Size < header.Length)
            {
                return !isWhole ? false : throw new DicomParseException(DicomParseError.Truncated, "The file ends within the file meta information", header.Tag.ToHex(), position);
            }

            byte[] value = rest.Slice(header.Size, (int)header.Length).ToArray();
            position += header.Size + value.Length;
            if (header.Tag.Element == 0 && value.Length == 4)
            {
                long end = position + (long)BinaryPrimitives.ReadUInt32LittleEndian(value);
                groupEnd = end < int.MaxValue ? (int)end : -1;
            }

            elements.TryAdd(new DicomElement(header.Tag, header.VR == DicomVR.None ? DicomVR.UI : header.VR, value));
        }

        return true;
    }

    private static string? Text(DicomDataset elements, ushort element)
    {
        string text = elements.TryGet(new DicomTag(0x0002, element), out DicomElement? found) ? DicomUid.Trim(found.Value.Span) : "";
        return text.Length == 0 ? null : text;
    }
}
