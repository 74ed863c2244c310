namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>How a set gets to where its codes are used (PS3.3 tables C.12-3 and C.12-4).</summary>
/// <param name="Set">The set.</param>
/// <param name="ToG1">Its codes go out as bytes from 80 on.</param>
/// <param name="Escape">The escape sequence.</param>
internal sealed record Designation(GraphicSet Set, bool ToG1, byte[] Escape)
{
    private static readonly Designation[] Known =
    [
        Of(GraphicSets.Ir6, false, "(B"), Of(GraphicSets.Ir14, false, "(J"), Of(GraphicSets.Ir13, true, ")I"),
        Of(GraphicSets.Ir100, true, "-A"), Of(GraphicSets.Ir101, true, "-B"), Of(GraphicSets.Ir109, true, "-C"), Of(GraphicSets.Ir110, true, "-D"),
        Of(GraphicSets.Ir144, true, "-L"), Of(GraphicSets.Ir127, true, "-G"), Of(GraphicSets.Ir126, true, "-F"), Of(GraphicSets.Ir138, true, "-H"),
        Of(GraphicSets.Ir148, true, "-M"), Of(GraphicSets.Ir203, true, "-b"), Of(GraphicSets.Ir166, true, "-T"),
        Of(GraphicSets.Ir87, false, "$B"), Of(GraphicSets.Ir159, false, "$(D"), Of(GraphicSets.Ir149, true, "$)C"), Of(GraphicSets.Ir58, true, "$)A"),
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

    private static Designation Of(GraphicSet set, bool toG1, string sequence) => new(set, toG1, [EscapeSequences.Escape, .. sequence.Select(character => (byte)character)]);
}
