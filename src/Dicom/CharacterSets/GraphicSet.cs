namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>
/// A set of graphic characters that ISO 2022 can designate to G0 (bytes 20 to 7F) or G1 (A0 to FF): one byte a character, or two. Codes are
/// seven bits, whichever half they came from. Its table is made when text first needs it.
/// </summary>
internal sealed class GraphicSet
{
    internal const char Undecodable = '\uFFFD';

    private const int RowLength = 94;

    private readonly Lazy<char[]> _table;
    private readonly Lazy<Dictionary<char, int>> _codes;

    private GraphicSet(bool isDoubleByte, Func<char[]> table)
    {
        IsDoubleByte = isDoubleByte;
        _table = new Lazy<char[]>(table);
        _codes = new Lazy<Dictionary<char, int>>(ReadCodes);
    }

    internal bool IsDoubleByte { get; }

    /// <summary>A set whose codes are the ASCII ones but for some.</summary>
    internal static GraphicSet OfAscii(params (byte Code, char Character)[] changes) => new(false, () =>
    {
        char[] table = [.. Enumerable.Range(0x20, 0x60).Select(code => (char)code)];
        foreach ((byte code, char character) in changes)
        {
            table[code - 0x20] = character;
        }

        return table;
    });

    /// <summary>The upper half (A0 to FF) of a single-byte code page.</summary>
    internal static GraphicSet OfUpperHalf(int codePage, params (byte Byte, char Character)[] changes) => new(false, () =>
    {
        char[] table = [.. Enumerable.Range(0xA0, 0x60).Select(code => CodePages.DecodeOne(codePage, [(byte)code]))];
        foreach ((byte code, char character) in changes)
        {
            table[code - 0xA0] = character;
        }

        return table;
    });

    /// <summary>The 94 by 94 codes of a two-byte set, found in a code page that holds them at two bytes with these high bits.</summary>
    internal static GraphicSet OfDoubleByte(int codePage, byte trailBit, params (ushort Code, char Character)[] changes) => new(true, () =>
    {
        char[] table = new char[RowLength * RowLength];
        for (int index = 0; index < table.Length; index++)
        {
            byte lead = (byte)((0x21 + (index / RowLength)) | 0x80);
            byte trail = (byte)((0x21 + (index % RowLength)) | trailBit);
            table[index] = CodePages.DecodeOne(codePage, [lead, trail]);
        }

        foreach ((ushort code, char character) in changes)
        {
            table[Index(code >> 8, code & 0xFF)] = character;
        }

        return table;
    });

    /// <summary>The character of a code from 20 to 7F.</summary>
    internal char this[int code] => _table.Value[code - 0x20];

    /// <summary>The character of two codes from 21 to 7E each.</summary>
    internal char this[int lead, int trail] => _table.Value[Index(lead, trail)];

    /// <summary>The code of a character: from 20 to 7F, or two of them, the lead in the higher byte.</summary>
    internal bool TryGetCode(char character, out int code) => _codes.Value.TryGetValue(character, out code);

    private Dictionary<char, int> ReadCodes()
    {
        char[] table = _table.Value;
        Dictionary<char, int> codes = new(table.Length);
        for (int index = 0; index < table.Length; index++)
        {
            if (table[index] != Undecodable)
            {
                codes.TryAdd(
                    table[index], IsDoubleByte ? ((0x21 + (index / RowLength)) << 8) | (0x21 + (index % RowLength)) : 0x20 + index);
            }
        }

        return codes;
    }

    private static int Index(int lead, int trail) => ((lead - 0x21) * RowLength) + trail - 0x21;
}
