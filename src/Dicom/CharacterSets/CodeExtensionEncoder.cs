using ImagingIngestion.Dicom.DataSets;

namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>
/// Encodes one value field with the code extension techniques of ISO 2022 (PS3.5 section 6.1.2.5): a character goes out in a set that is in
/// use where it can, else another declared set is designated. Before delimiters and at the end the first set is back in G0.
/// </summary>
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

    /// <summary>Null when a character is in no declared set.</summary>
    /// <param name="text">The value field, with its delimiters.</param>
    /// <param name="vr">Tells the delimiters.</param>
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

/// <summary>How a set gets to where its codes are used (PS3.3 tables C.12-3 and C.12-4).</summary>
/// <param name="Set">The set.</param>
/// <param name="ToG1">Its codes go out as bytes from 80 on.</param>
/// <param name="Escape">The escape sequence.</param>
internal sealed record Designation(GraphicSet Set, bool ToG1, byte[] Escape)
{
    private static readonly Designation[] Known =
    [
        Of(GraphicSets.Ir6, false, "(B"), Of(GraphicSets.Ir14, false, "(J"), Of(GraphicSets.Ir13, true, ")I"),
        Of(GraphicSets.Ir100, true, "-A"), Of(GraphicSets.Ir101, true, "-B"), Of(GraphicSets.Ir109, true, "-C"),
        Of(GraphicSets.Ir110, true, "-D"),
        Of(GraphicSets.Ir144, true, "-L"), Of(GraphicSets.Ir127, true, "-G"), Of(GraphicSets.Ir126, true, "-F"),
        Of(GraphicSets.Ir138, true, "-H"),
        Of(GraphicSets.Ir148, true, "-M"), Of(GraphicSets.Ir203, true, "-b"), Of(GraphicSets.Ir166, true, "-T"),
        Of(GraphicSets.Ir87, false, "$B"), Of(GraphicSets.Ir159, false, "$(D"), Of(GraphicSets.Ir149, true, "$)C"),
        Of(GraphicSets.Ir58, true, "$)A"),
    ];

    public static Designation For(GraphicSet set) => Array.Find(Known, known => known.Set == set)
        ?? throw new InvalidOperationException("A graphic set without an escape sequence.");

    /// <summary>The sets that a defined term with code extensions brings, its own G0 set first.</summary>
    public static IEnumerable<GraphicSet> SetsOf(CharacterSetTerm term)
    {
        yield return term.Term switch
        {
            "ISO 2022 IR 87" => GraphicSets.Ir87,
            "ISO 2022 IR 159" => GraphicSets.Ir159,
            _ => term.G0,
        };
        if (term.G1 is { } g1)
        {
            yield return g1;
        }
    }

    private static Designation Of(GraphicSet set, bool toG1, string sequence)
        => new(set, toG1, [EscapeSequences.Escape, .. sequence.Select(character => (byte)character)]);
}
