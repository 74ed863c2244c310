namespace ImagingIngestion.Dicom.DataSets;

/// <summary>The rows of PS3.5 table 6.2-1.</summary>
public static class DicomVRTable
{
    private static readonly DicomVRTraits[] Rows =
    [
        Text(DicomVR.AE), Text(DicomVR.AS), Text(DicomVR.CS), Text(DicomVR.DA), Text(DicomVR.DT), Text(DicomVR.TM),
        Text(DicomVR.DS, bulk: true), Text(DicomVR.IS, bulk: true),
        Text(DicomVR.LO, charset: true), Text(DicomVR.SH, charset: true), Text(DicomVR.PN, charset: true),
        Text(DicomVR.UC, charset: true, longLength: true, bulk: true),
        Text(DicomVR.LT, charset: true, multi: false, bulk: true), Text(DicomVR.ST, charset: true, multi: false, bulk: true),
        Text(DicomVR.UT, charset: true, multi: false, longLength: true, bulk: true),
        Text(DicomVR.UR, multi: false, longLength: true),
        Text(DicomVR.UI, padding: 0),
        Number(DicomVR.AT, 2, bulk: false),
        Number(DicomVR.SS, 2), Number(DicomVR.US, 2), Number(DicomVR.SL, 4), Number(DicomVR.UL, 4), Number(DicomVR.FL, 4),
        Number(DicomVR.FD, 8),
        Number(DicomVR.SV, 8, longLength: true), Number(DicomVR.UV, 8, longLength: true),
        Bytes(DicomVR.OB, 1), Bytes(DicomVR.UN, 1), Bytes(DicomVR.OW, 2), Bytes(DicomVR.OF, 4), Bytes(DicomVR.OL, 4), Bytes(DicomVR.OD, 8),
        Bytes(DicomVR.OV, 8),
        new(DicomVR.SQ, DicomValueKind.Sequence, 1, true, false, false, 0),
    ];

    private static readonly byte[] RowByLetters = IndexRows();

    private static readonly byte UnknownRow = RowByLetters[LetterIndex(DicomVR.UN)];

    /// <summary>Whether the two letters name a VR of the standard.</summary>
    public static bool IsKnown(DicomVR vr) => RowOf(vr) != byte.MaxValue;

    /// <summary>The row of a VR; that of UN for letters that the standard does not know (PS3.5 section 6.2.2).</summary>
    public static ref readonly DicomVRTraits Traits(this DicomVR vr)
    {
        byte row = RowOf(vr);
        return ref Rows[row == byte.MaxValue ? UnknownRow : row];
    }

    /// <summary>The two letters.</summary>
    public static string Code(this DicomVR vr) => vr == DicomVR.None ? "" : string.Create(2, (ushort)vr, static (letters, code) =>
    {
        letters[0] = (char)(code >> 8);
        letters[1] = (char)(code & 0xFF);
    });

    /// <summary>Reads two letters; false when they are not a VR of the standard.</summary>
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
