using System.Collections.Concurrent;
using System.Text;

namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>A set of graphic characters that ISO 2022 can designate to G0 (bytes 20 to 7F) or G1 (A0 to FF).</summary>
/// <remarks>
/// A character takes one byte or two. Codes have seven bits, whichever half they came from. The table is made when text first needs it.
/// </remarks>
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

    /// <summary>Makes a set whose codes are the ASCII ones except for some.</summary>
    internal static GraphicSet OfAscii(params (byte Code, char Character)[] changes) => new(false, () =>
    {
        char[] table = [.. Enumerable.Range(0x20, 0x60).Select(code => (char)code)];
        foreach ((byte code, char character) in changes)
        {
            table[code - 0x20] = character;
        }

        return table;
    });

    /// <summary>Makes a set of the upper half (A0 to FF) of a single-byte code page.</summary>
    internal static GraphicSet OfUpperHalf(int codePage, params (byte Byte, char Character)[] changes) => new(false, () =>
    {
        char[] table = [.. Enumerable.Range(0xA0, 0x60).Select(code => CodePages.DecodeOne(codePage, [(byte)code]))];
        foreach ((byte code, char character) in changes)
        {
            table[code - 0xA0] = character;
        }

        return table;
    });

    /// <summary>Makes a two-byte set of 94 by 94 codes from a code page that holds them at two bytes with these high bits.</summary>
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

    /// <summary>Finds the code of a character: from 20 to 7F, or two of them, the lead in the higher byte.</summary>
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

/// <summary>The graphic sets of PS3.3 tables C.12-2 to C.12-4, by ISO registration number.</summary>
/// <remarks>
/// Some code pages of the runtime are older than the current edition of their ISO 8859 part, or lack characters: those are given here.
/// </remarks>
internal static class GraphicSets
{
    internal static readonly GraphicSet Ir6 = GraphicSet.OfAscii();
    internal static readonly GraphicSet Ir14 = GraphicSet.OfAscii((0x5C, '\u00A5'), (0x7E, '\u203E'));
    internal static readonly GraphicSet Ir13 = GraphicSet.OfUpperHalf(CodePages.ShiftJis);
    internal static readonly GraphicSet Ir100 = GraphicSet.OfUpperHalf(28591);
    internal static readonly GraphicSet Ir101 = GraphicSet.OfUpperHalf(28592);
    internal static readonly GraphicSet Ir109 = GraphicSet.OfUpperHalf(28593);
    internal static readonly GraphicSet Ir110 = GraphicSet.OfUpperHalf(28594);
    internal static readonly GraphicSet Ir144 = GraphicSet.OfUpperHalf(28595);
    internal static readonly GraphicSet Ir127 = GraphicSet.OfUpperHalf(28596);
    internal static readonly GraphicSet Ir126 = GraphicSet.OfUpperHalf(
        28597, (0xA1, '\u2018'), (0xA2, '\u2019'), (0xA4, '\u20AC'), (0xA5, '\u20AF'), (0xAA, '\u037A'));
    internal static readonly GraphicSet Ir138 = GraphicSet.OfUpperHalf(28598, (0xAF, '\u00AF'), (0xFD, '\u200E'), (0xFE, '\u200F'));
    internal static readonly GraphicSet Ir148 = GraphicSet.OfUpperHalf(28599);
    internal static readonly GraphicSet Ir203 = GraphicSet.OfUpperHalf(28605);
    internal static readonly GraphicSet Ir166 = GraphicSet.OfUpperHalf(874);
    internal static readonly GraphicSet Ir87 = GraphicSet.OfDoubleByte(CodePages.EucJapanese, trailBit: 0x80);
    internal static readonly GraphicSet Ir159 = GraphicSet.OfDoubleByte(
        CodePages.EucJapanese, trailBit: 0, (0x2237, '~'), (0x2271, '\u2116'));
    internal static readonly GraphicSet Ir149 = GraphicSet.OfDoubleByte(CodePages.Korean, trailBit: 0x80);
    internal static readonly GraphicSet Ir58 = GraphicSet.OfDoubleByte(CodePages.Gbk, trailBit: 0x80);
}

/// <summary>The code pages of the runtime, with U+FFFD for bytes that they cannot decode.</summary>
internal static class CodePages
{
    internal const int ShiftJis = 932;
    internal const int Gbk = 936;
    internal const int Korean = 949;
    internal const int Big5 = 950;
    internal const int Windows1252 = 1252;
    internal const int EucJapanese = 20932;
    internal const int Gb18030 = 54936;

    private static readonly ConcurrentDictionary<int, Encoding> Known = new();

    internal static Encoding Get(int codePage) => Known.GetOrAdd(codePage, static number =>
    {
        var fallback = new DecoderReplacementFallback(GraphicSet.Undecodable.ToString());
        return CodePagesEncodingProvider.Instance.GetEncoding(number, EncoderFallback.ReplacementFallback, fallback)
            ?? Encoding.GetEncoding(number, EncoderFallback.ReplacementFallback, fallback);
    });

    /// <summary>
    /// Returns the one character of some bytes; U+FFFD if there is none or the code page has only a private-use stand-in.
    /// </summary>
    internal static char DecodeOne(int codePage, ReadOnlySpan<byte> bytes)
    {
        string text = Get(codePage).GetString(bytes);
        return text.Length != 1 || text[0] is >= '\uE000' and <= '\uF8FF' ? GraphicSet.Undecodable : text[0];
    }
}
