namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>
/// The escape sequences that designate a set (PS3.3 tables C.12-3 and C.12-4), and those of ISO 2022 that devices use for the same sets.
/// </summary>
internal static class EscapeSequences
{
    internal const byte Escape = 0x1B;

    /// <summary>Reads the sequence that the bytes start with.</summary>
    /// <returns>Its length with the escape byte; 0 if it is not known.</returns>
    internal static int Read(ReadOnlySpan<byte> bytes, out GraphicSet? set, out bool toG1)
    {
        ReadOnlySpan<byte> sequence = bytes[1..];
        int intermediates = 0;
        while (intermediates < sequence.Length && sequence[intermediates] is >= 0x20 and <= 0x2F)
        {
            intermediates++;
        }

        (set, toG1) = intermediates is 0 or > 2 || intermediates == sequence.Length
            ? (null, false)
            : Find(sequence[..intermediates], sequence[intermediates]);
        return set is null ? 0 : intermediates + 2;
    }

    private static (GraphicSet? Set, bool ToG1) Find(ReadOnlySpan<byte> intermediates, byte final)
    {
        char first = (char)intermediates[0];
        if (intermediates.Length == 1)
        {
            return first switch
            {
                '(' => (NinetyFour(final), false),
                ')' => (NinetyFour(final), true),
                '-' => (NinetySix(final), true),
                '$' => (DoubleByte(final is (byte)'@' or (byte)'A' or (byte)'B' ? final : (byte)0), false),
                _ => (null, false),
            };
        }

        return first == '$' && intermediates[1] is (byte)'(' or (byte)')' ? (DoubleByte(final), intermediates[1] == ')') : (null, false);
    }

    private static GraphicSet? NinetyFour(byte final) => (char)final switch
    {
        'B' => GraphicSets.Ir6,
        'J' => GraphicSets.Ir14,
        'I' => GraphicSets.Ir13,
        _ => null,
    };

    private static GraphicSet? NinetySix(byte final) => (char)final switch
    {
        'A' => GraphicSets.Ir100,
        'B' => GraphicSets.Ir101,
        'C' => GraphicSets.Ir109,
        'D' => GraphicSets.Ir110,
        'L' => GraphicSets.Ir144,
        'G' => GraphicSets.Ir127,
        'F' => GraphicSets.Ir126,
        'H' => GraphicSets.Ir138,
        'M' => GraphicSets.Ir148,
        'b' => GraphicSets.Ir203,
        'T' => GraphicSets.Ir166,
        _ => null,
    };

    private static GraphicSet? DoubleByte(byte final) => (char)final switch
    {
        '@' or 'B' => GraphicSets.Ir87,
        'D' => GraphicSets.Ir159,
        'C' => GraphicSets.Ir149,
        'A' => GraphicSets.Ir58,
        _ => null,
    };
}

/// <summary>How a set gets to where its codes are used (PS3.3 tables C.12-3 and C.12-4).</summary>
/// <param name="Set">The set.</param>
/// <param name="ToG1">Its codes are written as bytes from 80 on.</param>
/// <param name="Escape">The escape sequence.</param>
internal sealed record Designation(GraphicSet Set, bool ToG1, byte[] Escape)
{
    private static readonly Designation[] Known =
    [
        Of(GraphicSets.Ir6, false, "(B"),
        Of(GraphicSets.Ir14, false, "(J"),
        Of(GraphicSets.Ir13, true, ")I"),
        Of(GraphicSets.Ir100, true, "-A"),
        Of(GraphicSets.Ir101, true, "-B"),
        Of(GraphicSets.Ir109, true, "-C"),
        Of(GraphicSets.Ir110, true, "-D"),
        Of(GraphicSets.Ir144, true, "-L"),
        Of(GraphicSets.Ir127, true, "-G"),
        Of(GraphicSets.Ir126, true, "-F"),
        Of(GraphicSets.Ir138, true, "-H"),
        Of(GraphicSets.Ir148, true, "-M"),
        Of(GraphicSets.Ir203, true, "-b"),
        Of(GraphicSets.Ir166, true, "-T"),
        Of(GraphicSets.Ir87, false, "$B"),
        Of(GraphicSets.Ir159, false, "$(D"),
        Of(GraphicSets.Ir149, true, "$)C"),
        Of(GraphicSets.Ir58, true, "$)A"),
    ];

    public static Designation For(GraphicSet set) => Array.Find(Known, known => known.Set == set)
        ?? throw new InvalidOperationException("A graphic set without an escape sequence.");

    /// <summary>Returns the sets of a defined term with code extensions, its own G0 set first.</summary>
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
