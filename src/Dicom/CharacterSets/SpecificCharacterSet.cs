using System.Text;
using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>Decodes text by Specific Character Set (0008,0005), PS3.3 C.12.1.1.2 and PS3.5 section 6.1.</summary>
/// <remarks>
/// Decoding never fails: what no table covers becomes U+FFFD. Bytes from 80 on that no term declares are read as UTF-8 if the whole value
/// is valid UTF-8, otherwise as Windows-1252. Escape sequences are followed even if their set is not declared.
/// </remarks>
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
    /// The value of (0008,0005) for text that was encoded here; several terms are all ones with code extensions (PS3.3 C.12.1.1.2).
    /// </summary>
    public string DeclaredValue => Terms.Count == 1
        ? Terms[0]
        : string.Join('\\', Terms.Select(term => term.Replace("ISO_IR", "ISO 2022 IR", StringComparison.Ordinal)));

    /// <summary>Defined terms that no table here knows; the text is then read as if they were absent.</summary>
    public IReadOnlyList<string> UnknownTerms { get; private init; } = [];

    /// <summary>
    /// Terms that the standard does not have but whose meaning is clear, such as "ISO IR 100" or "utf-8", as they were written.
    /// </summary>
    public IReadOnlyList<string> MisspeltTerms { get; private init; } = [];

    /// <summary>
    /// Reads the value field of (0008,0005); never fails, because unknown terms are only listed in <see cref="UnknownTerms"/>.
    /// </summary>
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

    /// <summary>Decodes a value field without splitting it.</summary>
    /// <remarks>
    /// In a VR with several values a backslash of the result is always a delimiter: the second byte of a character never becomes one, and
    /// the yen sign of ISO IR 13 appears only in VRs with one value.
    /// </remarks>
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
    /// Decodes a value field into its values, each without the padding that its VR declares insignificant (PS3.5 section 6.2).
    /// </summary>
    /// <remarks>A field of length zero has no values; a value of only padding is an empty string.</remarks>
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

    /// <summary>Encodes a value field, delimiters included, with escape sequences if code extensions are declared.</summary>
    /// <remarks>
    /// Returns false if a character is in none of the declared sets, or a term is not one of the standard. An encoded field decodes to the
    /// same text.
    /// </remarks>
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

    /// <summary>Combines the terms: the first one sets the state at the start of a value, escape sequences may bring the others.</summary>
    /// <remarks>
    /// If the first term defines nothing for bytes from 80 on, the first G1 set of the other terms is used, for devices that leave out the
    /// escape sequence. An encoding without code extensions is used after terms of ISO 646 only.
    /// </remarks>
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
    /// Returns whether the bytes are ASCII in this set: no escape sequences, and none of the two characters that ISO IR 14 replaces.
    /// </summary>
    private bool IsPlain(ReadOnlySpan<byte> value)
        => Ascii.IsValid(value) && (_encoding is not null
            || (!value.Contains(EscapeSequences.Escape) && (_g0 == GraphicSets.Ir6 || value.IndexOfAny((byte)'\\', (byte)'~') < 0)));
}

/// <summary>
/// Removes the spaces around a value that have no meaning (PS3.5 table 6.2-1); NUL counts as a space, because devices pad with it.
/// </summary>
internal static class TextPadding
{
    private const string Characters = " \0";

    internal static string Trim(string value, DicomVR vr)
        => TrimsStart(vr) ? value.Trim(Characters[0], Characters[1]) : value.TrimEnd(Characters[0], Characters[1]);

    internal static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value, DicomVR vr)
        => TrimsStart(vr) ? value.Trim(" \0"u8) : value.TrimEnd(" \0"u8);

    /// <summary>Returns whether leading spaces are padding; they are text in LT, ST, UT, UC, UR and PN.</summary>
    private static bool TrimsStart(DicomVR vr)
        => vr is not (DicomVR.LT or DicomVR.ST or DicomVR.UT or DicomVR.UC or DicomVR.UR or DicomVR.PN);
}
