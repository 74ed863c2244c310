using System.Globalization;
using System.Text;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Brings values of data sets, which may hold anything, into the forms that FHIR R4 allows, or leaves them out.</summary>
internal static class FhirText
{
    /// <summary>Longest text for people, in characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>Longest value that still identifies something: servers index no more, and cut ones would be mixed up.</summary>
    public const int MaxIdentifierLength = 200;

    private const int MaxCodeLength = 16;
    private const int MaxIdLength = 64;

    /// <summary>
    /// Text for people: white space and control characters become spaces, what is no character is replaced; null when nothing is left.
    /// </summary>
    public static string? Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        StringBuilder clean = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > MaxLength)
            {
                break;
            }

            clean.Append(IsSpace(rune) ? " " : (rune.Value & 0xFFFE) == 0xFFFE ? "\uFFFD" : rune.ToString());
        }

        return clean.ToString().Trim(' ') is { Length: > 0 } kept ? kept : null;
    }

    /// <summary>A value that identifies something, or null: one that would have to be changed could be mixed up with another.</summary>
    public static string? Identifier(string? text)
    {
        string? trimmed = text?.Trim(' ');
        return trimmed is { Length: > 0 and <= MaxIdentifierLength }
            && Clean(trimmed) == trimmed
            && !trimmed.Contains('\uFFFD', StringComparison.Ordinal) ? trimmed : null;
    }

    /// <summary>A value of VR CS that can stand as a code: capital letters, digits, underscores and single spaces within.</summary>
    public static string? Code(string? text)
    {
        string? trimmed = text?.Trim(' ');
        return trimmed is { Length: > 0 and <= MaxCodeLength } && !trimmed.Contains("  ", StringComparison.Ordinal)
            && trimmed.All(character => char.IsAsciiLetterUpper(character) || char.IsAsciiDigit(character) || character is '_' or ' ')
                ? trimmed
                : null;
    }

    /// <summary>The id of a resource (FHIR type id).</summary>
    public static bool IsId(string? text)
        => text is { Length: > 0 and <= MaxIdLength }
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.');

    /// <summary>
    /// A name of VR PN as people write it: prefix, given and middle names, family name, suffix; of the groups the first that there is.
    /// </summary>
    public static string? PersonName(string? value)
    {
        if (value is null)
        {
            return null;
        }

        Dicom.DataSets.PersonName name = Dicom.DataSets.PersonName.Parse(value.Split('\\')[0]);
        string[] parts = (name.Alphabetic ?? name.Ideographic ?? name.Phonetic ?? "").Split('^', 5);
        int[] order = [3, 1, 2, 0, 4];
        return Clean(string.Join(
            ' ', order.Where(index => index < parts.Length).Select(index => Clean(parts[index].Replace('^', ' '))).OfType<string>()));
    }

    /// <summary>A number that FHIR's unsignedInt can hold, else null.</summary>
    public static int? Unsigned(long? number) => number is >= 0 and <= int.MaxValue ? (int)number : null;

    /// <summary>A number as text.</summary>
    public static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    // U+FEFF is white space to the patterns of the FHIR definitions.
    private static bool IsSpace(Rune rune) => Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || rune.Value == 0xFEFF;
}
