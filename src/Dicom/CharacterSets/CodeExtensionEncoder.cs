using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>Encodes one value field with the code extension techniques of ISO 2022 (PS3.5 section 6.1.2.5).</summary>
/// <remarks>
/// A character is written in a set that is in use; if none has it, another declared set is designated. Before delimiters and at the end the
/// first set is in G0 again.
/// </remarks>
internal sealed class CodeExtensionEncoder
{
    private readonly List<byte> _output = [];
    private readonly IReadOnlyList<Designation> _declared;
    private readonly GraphicSet _initialG0;
    private readonly GraphicSet? _initialG1;
    private GraphicSet _g0;
    private GraphicSet? _g1;

    private CodeExtensionEncoder(GraphicSet g0, GraphicSet? g1, IReadOnlyList<Designation> declared)
    {
        _declared = declared;
        _initialG0 = _g0 = g0;
        _initialG1 = _g1 = g1;
    }

    /// <summary>Returns the encoded field; null if a character is in no declared set.</summary>
    /// <param name="text">The value field, with its delimiters.</param>
    /// <param name="vr">Decides which characters are delimiters.</param>
    /// <param name="terms">Those of (0008,0005), the first one active from the start.</param>
    public static byte[]? Encode(string text, DicomVR vr, IReadOnlyList<CharacterSetTerm> terms)
    {
        CharacterSetTerm first = terms[0];
        Designation[] declared = terms.Count == 1 && !first.Term.StartsWith("ISO 2022", StringComparison.Ordinal)
            ? []
            : [.. terms.SelectMany(Designation.SetsOf).Distinct().Select(Designation.For)];
        CodeExtensionEncoder encoder = new(first.G0, first.G1, declared);
        foreach (char character in text)
        {
            if (character < ' ' || IsDelimiter(character, vr))
            {
                encoder.Delimit(character);
            }
            else if (!encoder.TryEncode(character))
            {
                return null;
            }
        }

        encoder.BackToInitialG0();
        return [.. encoder._output];
    }

    private static bool IsDelimiter(char character, DicomVR vr) => character switch
    {
        '\\' => vr.Traits().IsMultiValued,
        '^' or '=' => vr == DicomVR.PN,
        _ => false,
    };

    private void Delimit(char character)
    {
        BackToInitialG0();
        _output.Add((byte)character);
        _g1 = _initialG1;
    }

    private void BackToInitialG0()
    {
        if (_g0 != _initialG0)
        {
            _output.AddRange(Designation.For(_initialG0).Escape);
            _g0 = _initialG0;
        }
    }

    private bool TryEncode(char character)
    {
        if (TryWrite(_g0, character, highBit: 0) || (_g1 is not null && TryWrite(_g1, character, highBit: 0x80)))
        {
            return true;
        }

        if (_g0 != _initialG0 && _initialG0.TryGetCode(character, out _))
        {
            BackToInitialG0();
            return TryWrite(_g0, character, highBit: 0);
        }

        if (_declared.FirstOrDefault(designation => designation.Set.TryGetCode(character, out _)) is not { } found)
        {
            return false;
        }

        _output.AddRange(found.Escape);
        (_g0, _g1) = found.ToG1 ? (_g0, found.Set) : (found.Set, _g1);
        return TryWrite(found.Set, character, found.ToG1 ? (byte)0x80 : (byte)0);
    }

    private bool TryWrite(GraphicSet set, char character, byte highBit)
    {
        if (!set.TryGetCode(character, out int code))
        {
            return false;
        }

        if (set.IsDoubleByte)
        {
            _output.Add((byte)((code >> 8) | highBit));
        }

        _output.Add((byte)((code & 0xFF) | highBit));
        return true;
    }
}
