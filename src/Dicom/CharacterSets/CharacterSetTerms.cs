using System.Globalization;
using System.Text;

namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>
/// The meaning of a defined term of (0008,0005): the sets in G0 and G1 at the start, or an encoding without code extensions.
/// </summary>
/// <param name="Term">The term as the standard writes it; for encodings that it does not know, their usual name.</param>
/// <param name="G0">The set in G0, ASCII for most.</param>
/// <param name="G1">The set in G1, if any.</param>
/// <param name="Encoding">The whole encoding, else null.</param>
internal sealed record CharacterSetTerm(string Term, GraphicSet G0, GraphicSet? G1, Encoding? Encoding = null)
{
    /// <summary>True for ISO 646 alone.</summary>
    internal bool IsDefaultRepertoire => Term is "ISO_IR 6" or "ISO 2022 IR 6";
}

/// <summary>The defined terms of PS3.3 C.12.1.1.2, and their misspellings that are seen in the field.</summary>
internal static class CharacterSetTerms
{
    /// <summary>Finds a term in any case and punctuation; returns null if it is not known.</summary>
    internal static CharacterSetTerm? Find(string text)
    {
        string bare = string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return ByName(bare) ?? ByRegistration(bare);
    }

    private static CharacterSetTerm? ByRegistration(string bare)
    {
        bool withExtensions = bare.Contains("2022", StringComparison.Ordinal);
        string digits = bare
            .Replace("2022", "", StringComparison.Ordinal)
            .Replace("ISO", "", StringComparison.Ordinal)
            .Replace("IR", "", StringComparison.Ordinal);
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int registration))
        {
            return withExtensions && digits.Length > 0 ? ByName(digits) : null;
        }

        return registration == 192
            ? ByName("UTF8")
            : Sets(registration, withExtensions || registration is 87 or 159 or 149 or 58 ? "ISO 2022 IR" : "ISO_IR");
    }

    private static CharacterSetTerm? Sets(int registration, string prefix)
    {
        string term = string.Create(CultureInfo.InvariantCulture, $"{prefix} {registration}");
        return registration switch
        {
            6 or 87 or 159 => new(term, GraphicSets.Ir6, null),
            13 or 14 => new($"{prefix} 13", GraphicSets.Ir14, GraphicSets.Ir13),
            100 => new(term, GraphicSets.Ir6, GraphicSets.Ir100),
            101 => new(term, GraphicSets.Ir6, GraphicSets.Ir101),
            109 => new(term, GraphicSets.Ir6, GraphicSets.Ir109),
            110 => new(term, GraphicSets.Ir6, GraphicSets.Ir110),
            144 => new(term, GraphicSets.Ir6, GraphicSets.Ir144),
            127 => new(term, GraphicSets.Ir6, GraphicSets.Ir127),
            126 => new(term, GraphicSets.Ir6, GraphicSets.Ir126),
            138 => new(term, GraphicSets.Ir6, GraphicSets.Ir138),
            148 => new(term, GraphicSets.Ir6, GraphicSets.Ir148),
            203 => new(term, GraphicSets.Ir6, GraphicSets.Ir203),
            166 => new(term, GraphicSets.Ir6, GraphicSets.Ir166),
            149 => new(term, GraphicSets.Ir6, GraphicSets.Ir149),
            58 => new(term, GraphicSets.Ir6, GraphicSets.Ir58),
            _ => null,
        };
    }

    private static CharacterSetTerm? ByName(string bare) => bare switch
    {
        "ASCII" or "USASCII" or "ISO646" or "ISO646US" => Sets(6, "ISO_IR"),
        "LATIN1" or "ISO88591" or "88591" => Sets(100, "ISO_IR"),
        "LATIN2" or "ISO88592" or "88592" => Sets(101, "ISO_IR"),
        "LATIN3" or "ISO88593" or "88593" => Sets(109, "ISO_IR"),
        "LATIN4" or "ISO88594" or "88594" => Sets(110, "ISO_IR"),
        "CYRILLIC" or "ISO88595" or "88595" => Sets(144, "ISO_IR"),
        "ARABIC" or "ISO88596" or "88596" => Sets(127, "ISO_IR"),
        "GREEK" or "ISO88597" or "88597" => Sets(126, "ISO_IR"),
        "HEBREW" or "ISO88598" or "88598" => Sets(138, "ISO_IR"),
        "LATIN5" or "ISO88599" or "88599" => Sets(148, "ISO_IR"),
        "LATIN9" or "ISO885915" or "885915" => Sets(203, "ISO_IR"),
        "THAI" or "TIS620" or "ISO885911" or "885911" => Sets(166, "ISO_IR"),
        "JISX0201" => Sets(13, "ISO_IR"),
        "ISO2022JP" or "JISX0208" => Sets(87, "ISO 2022 IR"),
        "JISX0212" => Sets(159, "ISO 2022 IR"),
        "EUCKR" or "KSC5601" or "KSX1001" or "ISO2022KR" => Sets(149, "ISO 2022 IR"),
        "UTF8" or "UNICODE" => new("ISO_IR 192", GraphicSets.Ir6, null, Encoding.UTF8),
        "GB18030" => Whole("GB18030", CodePages.Gb18030),
        "GBK" or "GB2312" or "CP936" or "GB231280" => Whole("GBK", CodePages.Gbk),
        "SHIFTJIS" or "SJIS" or "WINDOWS31J" or "MS932" or "CP932" => Whole("Shift_JIS", CodePages.ShiftJis),
        "BIG5" or "CP950" => Whole("Big5", CodePages.Big5),
        _ => Windows(bare),
    };

    private static CharacterSetTerm? Windows(string bare)
    {
        string digits = bare.Replace("WINDOWS", "", StringComparison.Ordinal).Replace("CP", "", StringComparison.Ordinal);
        bool known = digits.Length < bare.Length && digits is ['1', '2', '5', >= '0' and <= '8'];
        return known ? Whole($"windows-{digits}", int.Parse(digits, CultureInfo.InvariantCulture)) : null;
    }

    private static CharacterSetTerm Whole(string term, int codePage) => new(term, GraphicSets.Ir6, null, CodePages.Get(codePage));
}
