using System.Text;

namespace ImagingIngestion.Grains;

/// <summary>
/// The base letters of accented Latin letters, in lower case. Unicode normalisation would know them all, but it needs the ICU library,
/// which the services run without.
/// </summary>
internal static class NameLetters
{
    /// <summary>Base letters of U+00E0 to U+00FF; '.' keeps the letter, '*' is written out by <see cref="WrittenOut"/>.</summary>
    private const string Latin1 = "aaaaaa*ceeeeiiiidnooooo.ouuuuy*y";

    /// <summary>Base letters of U+0100 to U+017F.</summary>
    private const string ExtendedA =
        "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii**jjkkklllllllllln" +
        "nnnnnnnnoooooo**rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

    /// <summary>Base letters of U+1EA0 to U+1EF9, the Vietnamese letters.</summary>
    private const string Additional = "aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy";

    public static void AppendWithoutAccent(StringBuilder text, char letter)
    {
        char plain = letter switch
        {
            >= '\u00E0' and <= '\u00FF' => Latin1[letter - '\u00E0'],
            >= '\u0100' and <= '\u017F' => ExtendedA[letter - '\u0100'],
            >= '\u1EA0' and <= '\u1EF9' => Additional[letter - '\u1EA0'],
            '\u00DF' => '*',
            '\u01A1' => 'o',
            '\u01B0' => 'u',
            '\u0219' => 's',
            '\u021B' => 't',
            >= '\u01CD' and <= '\u01DC' => "aaiioouuuuuuuuuu"[letter - '\u01CD'],
            '\u0451' => '\u0435',
            '\u0439' => '\u0438',
            '\u03AC' => '\u03B1',
            '\u03AD' => '\u03B5',
            '\u03AE' => '\u03B7',
            '\u03AF' or '\u03CA' or '\u0390' => '\u03B9',
            '\u03CC' => '\u03BF',
            '\u03CD' or '\u03CB' or '\u03B0' => '\u03C5',
            '\u03CE' => '\u03C9',
            '\u03C2' => '\u03C3',
            _ => '.',
        };
        if (plain == '*')
        {
            text.Append(WrittenOut(letter));
        }
        else
        {
            text.Append(plain == '.' ? letter : plain);
        }
    }

    private static string WrittenOut(char letter) => letter switch
    {
        '\u00DF' => "ss",
        '\u00E6' => "ae",
        '\u00FE' => "th",
        '\u0132' or '\u0133' => "ij",
        _ => "oe",
    };
}
