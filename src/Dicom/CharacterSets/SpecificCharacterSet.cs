using System.Globalization;
using System.Text;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>
/// Decodes text by Specific Character Set (0008,0005), PS3.3 C.12.1.1.2 and PS3.5 section 6.1. Decoding never fails and loses nothing
/// unseen: what no table covers becomes U+FFFD. Bytes from 80 on that no term declares are read as UTF-8 where the whole value is valid
/// UTF-8, else as Windows-1252. Escape sequences are followed even where their set is not declared.
/// </summary>
public sealed class SpecificCharacterSet
{
    private const int MaxTerms = 32;
    private const int MaxTermLength = 32;

    private static readonly SpecificCharacterSet Latin1 = new(GraphicSets.Ir6, GraphicSets.Ir100, null) { Terms = ["ISO_IR 100"] };

    private readonly GraphicSet _g0;
    private readonly GraphicSet? _g1;
    private readonly Encoding? _encoding;

    private SpecificCharacterSet(GraphicSet g0, GraphicSet? g1, Encoding? encoding)
    {
        _g0 = g0;
        _g1 = g1;
        _encoding = encoding;
    }

    /// <summary>ISO IR 6, for data sets that name none.</summary>
    public static SpecificCharacterSet Default { get; } = new(GraphicSets.Ir6, null, null) { Terms = ["ISO_IR 6"] };

    /// <summary>ISO_IR 192.</summary>
    public static SpecificCharacterSet Utf8 { get; } = new(GraphicSets.Ir6, null, Encoding.UTF8) { Terms = ["ISO_IR 192"] };

    /// <summary>The terms that were understood, as the standard writes them.</summary>
    public IReadOnlyList<string> Terms { get; private init; } = [];

    /// <summary>
    /// The value of (0008,0005) for text that was encoded here: several terms are all of those with code extensions (PS3.3 section
    /// C.12.1.1.2).
    /// </summary>
    public string DeclaredValue => Terms.Count == 1
        ? Terms[0]
        : string.Join('\\', Terms.Select(term => term.Replace("ISO_IR", "ISO 2022 IR", StringComparison.Ordinal)));

    /// <summary>Defined terms that no table here knows; the text is then read as if they were absent.</summary>
    public IReadOnlyList<string> UnknownTerms { get; private init; } = [];

    /// <summary>
    /// Terms that the standard does not have but whose meaning is plain, such as "ISO IR 100" or "utf-8", as they were written.
    /// </summary>
    public IReadOnlyList<string> MisspeltTerms { get; private init; } = [];

    /// <summary>Reads the value field of (0008,0005); never fails: unknown terms are noted in <see cref="UnknownTerms"/>.</summary>
    public static SpecificCharacterSet Parse(ReadOnlySpan<byte> value)
    {
        value = TextPadding.Trim(value, DicomVR.CS);
        if (value.IsEmpty || value.SequenceEqual("ISO_IR 6"u8))
        {
            return Default;
        }

        if (value.SequenceEqual("ISO_IR 192"u8))
        {
            return Utf8;
        }

        return value.SequenceEqual("ISO_IR 100"u8) ? Latin1 : ParseTerms(value);
    }

    /// <summary>
    /// Decodes a value field without splitting it. A backslash of the result is always a delimiter where the VR has several values: second
    /// bytes of a character never show as one, and the yen sign of ISO IR 13 shows only where there is one value.
    /// </summary>
    public string Decode(ReadOnlySpan<byte> value, DicomVR vr)
    {
        if (!vr.Traits().UsesCharacterSet && this != Default)
        {
            return Default.Decode(value, vr);
        }

        return IsPlain(value) ? Encoding.ASCII.GetString(value)
            : _encoding is not null ? _encoding.GetString(value)
            : CodeExtensionDecoder.Decode(value, vr, _g0, _g1);
    }

    /// <summary>
    /// Decodes a value field into its values, each without the padding that its VR declares insignificant (PS3.5 section 6.2). None for a
    /// field of length zero; a value of nothing but padding is an empty string.
    /// </summary>
    public string[] DecodeValues(ReadOnlySpan<byte> value, DicomVR vr)
    {
        if (value.IsEmpty)
        {
            return [];
        }

        bool hasDelimiters = vr.Traits().IsMultiValued && value.Contains((byte)'\\');
        if (!hasDelimiters && IsPlain(value))
        {
            return [Encoding.ASCII.GetString(TextPadding.Trim(value, vr))];
        }

        string text = Decode(value, vr);
        if (!hasDelimiters)
        {
            return [TextPadding.Trim(text, vr)];
        }

        string[] values = text.Split('\\');
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = TextPadding.Trim(values[index], vr);
        }

        return values;
    }

    /// <summary>
    /// Encodes a value field, delimiters included, with escape sequences where code extensions are declared; false when a character is in
    /// none of the declared sets, or a term is not one of the standard. What is encoded decodes to the same text.
    /// </summary>
    public bool TryEncode(string text, DicomVR vr, out byte[] value)
    {
        value = [];
        SpecificCharacterSet own = vr.Traits().UsesCharacterSet ? this : Default;
        if (own.UnknownTerms.Count > 0 || (own._encoding is not null && own.Terms is not (["ISO_IR 192"] or ["GB18030"] or ["GBK"])))
        {
            return false;
        }

        byte[]? encoded = own._encoding is not null ? own._encoding.GetBytes(text)
            : Ascii.IsValid(text) && own._g0 == GraphicSets.Ir6 ? Encoding.ASCII.GetBytes(text)
            : CodeExtensionEncoder.Encode(text, vr, [.. own.Terms.Select(term => CharacterSetTerms.Find(term)!)]);
        if (encoded is null || own.Decode(encoded, vr) != text)
        {
            return false;
        }

        value = encoded;
        return true;
    }

    private static SpecificCharacterSet ParseTerms(ReadOnlySpan<byte> value)
    {
        var known = new List<CharacterSetTerm>();
        var unknown = new List<string>();
        var misspelt = new List<string>();
        foreach (Range range in value.Split((byte)'\\'))
        {
            ReadOnlySpan<byte> bytes = TextPadding.Trim(value[range], DicomVR.CS);
            string text = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, MaxTermLength)]);
            CharacterSetTerm? term = CharacterSetTerms.Find(text.Length == 0 ? "ISO_IR 6" : text);
            (term is null ? unknown : term.Term != text && text.Length > 0 ? misspelt : null)?.Add(text);
            if (term is not null)
            {
                known.Add(term);
            }

            if (known.Count + unknown.Count == MaxTerms)
            {
                break;
            }
        }

        return Combine(known, unknown, misspelt);
    }

    /// <summary>
    /// The first term says what is active at the start of a value, the others only what escape sequences may bring. Where the first says
    /// nothing of bytes from 80 on, the first set for G1 of the others is taken, for devices that leave out the escape sequence; an
    /// encoding without code extensions is taken after nothing but ISO 646.
    /// </summary>
    private static SpecificCharacterSet Combine(List<CharacterSetTerm> known, List<string> unknown, List<string> misspelt)
    {
        GraphicSet g0 = known.Count > 0 ? known[0].G0 : GraphicSets.Ir6;
        GraphicSet? g1 = known.Find(term => term.G1 is not null)?.G1;
        Encoding? encoding = known.Find(term => !term.IsDefaultRepertoire)?.Encoding;
        return new SpecificCharacterSet(g0, g1, encoding)
        {
            Terms = [.. known.Select(term => term.Term)],
            UnknownTerms = unknown,
            MisspeltTerms = misspelt,
        };
    }

    /// <summary>
    /// ASCII whatever the set: no escape sequences, and none of the two characters that ISO IR 14 has in place of ASCII's.
    /// </summary>
    private bool IsPlain(ReadOnlySpan<byte> value)
        => Ascii.IsValid(value) && (_encoding is not null
            || (!value.Contains(EscapeSequences.Escape) && (_g0 == GraphicSets.Ir6 || value.IndexOfAny((byte)'\\', (byte)'~') < 0)));
}

/// <summary>
/// What a defined term of (0008,0005) stands for: sets that are in G0 and G1 from the start, or an encoding of its own without code
/// extensions.
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

/// <summary>The defined terms of PS3.3 C.12.1.1.2 and the misspellings of them that are seen in the field.</summary>
internal static class CharacterSetTerms
{
    /// <summary>Finds a term, in any case and punctuation; null when it is not known.</summary>
    internal static CharacterSetTerm? Find(string text)
    {
        string bare = string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return ByName(bare) ?? ByRegistration(bare);
    }

    private static CharacterSetTerm? ByRegistration(string bare)
    {
        bool withExtensions = bare.Contains("2022", StringComparison.Ordinal);
        string digits = bare.Replace("2022", "", StringComparison.Ordinal).Replace("ISO", "", StringComparison.Ordinal).Replace(
            "IR", "", StringComparison.Ordinal);
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
