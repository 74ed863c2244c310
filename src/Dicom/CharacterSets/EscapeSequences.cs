namespace ImagingIngestion.Dicom.CharacterSets;

/// <summary>
/// The escape sequences that designate a set (PS3.3 tables C.12-3 and C.12-4), and those of ISO 2022 that devices use for the same sets.
/// </summary>
internal static class EscapeSequences
{
    internal const byte Escape = 0x1B;

    /// <summary>Reads the sequence that the bytes start with.</summary>
    /// <returns>Its length with the escape byte, 0 when it is not known.</returns>
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
