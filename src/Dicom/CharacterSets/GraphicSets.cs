namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>
/// The graphic sets of PS3.3 tables C.12-2 to C.12-4, by ISO registration number. Where a code page of the runtime is older than the
/// current edition of its ISO 8859 part, or lacks characters, they are given here.
/// </summary>
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
