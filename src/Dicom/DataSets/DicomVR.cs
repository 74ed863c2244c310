namespace ImagingIngestion.Dicom.DataSets;

/// <summary>The value representations of PS3.5 section 6.2; the number is the two letters on the wire, first letter high.</summary>
public enum DicomVR : ushort
{
    /// <summary>Not known: items, delimiters and elements read before their VR is decided.</summary>
    None = 0,
    AE = ('A' << 8) | 'E',
    AS = ('A' << 8) | 'S',
    AT = ('A' << 8) | 'T',
    CS = ('C' << 8) | 'S',
    DA = ('D' << 8) | 'A',
    DS = ('D' << 8) | 'S',
    DT = ('D' << 8) | 'T',
    FD = ('F' << 8) | 'D',
    FL = ('F' << 8) | 'L',
    IS = ('I' << 8) | 'S',
    LO = ('L' << 8) | 'O',
    LT = ('L' << 8) | 'T',
    OB = ('O' << 8) | 'B',
    OD = ('O' << 8) | 'D',
    OF = ('O' << 8) | 'F',
    OL = ('O' << 8) | 'L',
    OV = ('O' << 8) | 'V',
    OW = ('O' << 8) | 'W',
    PN = ('P' << 8) | 'N',
    SH = ('S' << 8) | 'H',
    SL = ('S' << 8) | 'L',
    SQ = ('S' << 8) | 'Q',
    SS = ('S' << 8) | 'S',
    ST = ('S' << 8) | 'T',
    SV = ('S' << 8) | 'V',
    TM = ('T' << 8) | 'M',
    UC = ('U' << 8) | 'C',
    UI = ('U' << 8) | 'I',
    UL = ('U' << 8) | 'L',
    UN = ('U' << 8) | 'N',
    UR = ('U' << 8) | 'R',
    US = ('U' << 8) | 'S',
    UT = ('U' << 8) | 'T',
    UV = ('U' << 8) | 'V',
}

/// <summary>The rows of PS3.5 table 6.2-1.</summary>
public static class DicomVRTable
{
    private static readonly DicomVRTraits[] Rows =
    [
        Text(DicomVR.AE),
        Text(DicomVR.AS),
        Text(DicomVR.CS),
        Text(DicomVR.DA),
        Text(DicomVR.DT),
        Text(DicomVR.TM),
        Text(DicomVR.DS, bulk: true),
        Text(DicomVR.IS, bulk: true),
        Text(DicomVR.LO, charset: true),
        Text(DicomVR.SH, charset: true),
        Text(DicomVR.PN, charset: true),
        Text(DicomVR.UC, charset: true, longLength: true, bulk: true),
        Text(DicomVR.LT, charset: true, multi: false, bulk: true),
        Text(DicomVR.ST, charset: true, multi: false, bulk: true),
        Text(DicomVR.UT, charset: true, multi: false, longLength: true, bulk: true),
        Text(DicomVR.UR, multi: false, longLength: true),
        Text(DicomVR.UI, padding: 0),
        Number(DicomVR.AT, 2, bulk: false),
        Number(DicomVR.SS, 2),
        Number(DicomVR.US, 2),
        Number(DicomVR.SL, 4),
        Number(DicomVR.UL, 4),
        Number(DicomVR.FL, 4),
        Number(DicomVR.FD, 8),
        Number(DicomVR.SV, 8, longLength: true),
        Number(DicomVR.UV, 8, longLength: true),
        Bytes(DicomVR.OB, 1),
        Bytes(DicomVR.UN, 1),
        Bytes(DicomVR.OW, 2),
        Bytes(DicomVR.OF, 4),
        Bytes(DicomVR.OL, 4),
        Bytes(DicomVR.OD, 8),
        Bytes(DicomVR.OV, 8),
        new(DicomVR.SQ, DicomValueKind.Sequence, 1, true, false, false, 0),
    ];

    private static readonly byte[] RowByLetters = IndexRows();

    private static readonly byte UnknownRow = RowByLetters[LetterIndex(DicomVR.UN)];

    /// <summary>Returns whether the two letters name a VR of the standard.</summary>
    public static bool IsKnown(DicomVR vr) => RowOf(vr) != byte.MaxValue;

    /// <summary>Returns the row of a VR; that of UN for letters that the standard does not know (PS3.5 section 6.2.2).</summary>
    public static ref readonly DicomVRTraits Traits(this DicomVR vr)
    {
        byte row = RowOf(vr);
        return ref Rows[row == byte.MaxValue ? UnknownRow : row];
    }

    /// <summary>Returns the two letters.</summary>
    public static string Code(this DicomVR vr) => vr == DicomVR.None ? "" : string.Create(2, (ushort)vr, static (letters, code) =>
    {
        letters[0] = (char)(code >> 8);
        letters[1] = (char)(code & 0xFF);
    });

    /// <summary>Reads two letters; returns false if they are not a VR of the standard.</summary>
    public static bool TryParse(ReadOnlySpan<char> letters, out DicomVR vr)
    {
        vr = letters.Length == 2 ? (DicomVR)((letters[0] << 8) | (letters[1] & 0xFF)) : DicomVR.None;
        return IsKnown(vr);
    }

    private static DicomVRTraits Text(
        DicomVR vr, bool charset = false, bool multi = true, bool longLength = false, bool bulk = false, byte padding = (byte)' ')
        => new(vr, DicomValueKind.Text, 1, longLength, charset, multi, padding) { AllowsBulkData = bulk };

    private static DicomVRTraits Number(DicomVR vr, int size, bool longLength = false, bool bulk = true)
        => new(vr, DicomValueKind.Numbers, size, longLength, false, false, 0) { AllowsBulkData = bulk };

    private static DicomVRTraits Bytes(DicomVR vr, int size)
        => new(vr, DicomValueKind.Bytes, size, true, false, false, 0) { AllowsBulkData = true };

    private static byte RowOf(DicomVR vr)
    {
        int index = LetterIndex(vr);
        return index < 0 ? byte.MaxValue : RowByLetters[index];
    }

    private static int LetterIndex(DicomVR vr)
    {
        uint first = (uint)((ushort)vr >> 8) - 'A';
        uint second = (uint)((ushort)vr & 0xFF) - 'A';
        return first < 26 && second < 26 ? (int)((first * 26) + second) : -1;
    }

    private static byte[] IndexRows()
    {
        byte[] index = new byte[26 * 26];
        index.AsSpan().Fill(byte.MaxValue);
        for (int row = 0; row < Rows.Length; row++)
        {
            index[LetterIndex(Rows[row].VR)] = (byte)row;
        }

        return index;
    }
}

/// <summary>
/// What the codec must know of one VR; each VR is a row of <see cref="DicomVRTable"/> (PS3.5 table 6.2-1 and section 7.1.2).
/// </summary>
/// <param name="VR">The VR itself.</param>
/// <param name="Kind">How the value field is to be read.</param>
/// <param name="UnitSize">Bytes that swap together in big endian, also the size of one value; 1 for text and bytes.</param>
/// <param name="HasLongLength">Explicit encoding has two reserved bytes and a 32-bit length.</param>
/// <param name="UsesCharacterSet">Text in Specific Character Set (0008,0005) rather than in the default repertoire.</param>
/// <param name="IsMultiValued">Text whose values are separated by a backslash.</param>
/// <param name="Padding">Byte that makes the value field even.</param>
public readonly record struct DicomVRTraits(
    DicomVR VR,
    DicomValueKind Kind,
    int UnitSize,
    bool HasLongLength,
    bool UsesCharacterSet,
    bool IsMultiValued,
    byte Padding)
{
    /// <summary>DICOM JSON may carry the value as BulkDataURI (PS3.18 F.2.2).</summary>
    public bool AllowsBulkData { get; init; }
}

/// <summary>How the value field of a VR is to be read.</summary>
public enum DicomValueKind
{
    /// <summary>Characters.</summary>
    Text,

    /// <summary>Fixed-size numbers or tags, one after the other.</summary>
    Numbers,

    /// <summary>Bytes, words or floats that are not single values: OB, OW, OF, OD, OL, OV, UN.</summary>
    Bytes,

    /// <summary>Items (SQ).</summary>
    Sequence,
}
