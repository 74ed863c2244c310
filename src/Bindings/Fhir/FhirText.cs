using System.Globalization;
using System.Text;

namespace ImagingIngestion.Bindings.Fhir;

/// <summary>Brings values of data sets into the forms that FHIR R4 allows, or leaves them out.</summary>
internal static class FhirText
{
    /// <summary>The longest display text, in characters.</summary>
    public const int MaxLength = 1024;

    /// <summary>The longest identifier: servers index no more, and cut identifiers would be confused.</summary>
    public const int MaxIdentifierLength = 200;

    private const int MaxCodeLength = 16;
    private const int MaxIdLength = 64;

    /// <summary>Returns display text, or null if nothing is left.</summary>
    /// <remarks>White space and control characters become spaces, noncharacters U+FFFD.</remarks>
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

    /// <summary>Returns an identifier unchanged; null if FHIR does not allow it, because a changed one could name something else.</summary>
    public static string? Identifier(string? text)
    {
        string? trimmed = text?.Trim(' ');
        return trimmed is { Length: > 0 and <= MaxIdentifierLength }
            && Clean(trimmed) == trimmed
            && !trimmed.Contains('\uFFFD', StringComparison.Ordinal) ? trimmed : null;
    }

    /// <summary>Returns a value of VR CS that can be a code; null otherwise.</summary>
    /// <remarks>Such a value has capital letters, digits, underscores and single inner spaces.</remarks>
    public static string? Code(string? text)
    {
        string? trimmed = text?.Trim(' ');
        return trimmed is { Length: > 0 and <= MaxCodeLength } && !trimmed.Contains("  ", StringComparison.Ordinal)
            && trimmed.All(character => char.IsAsciiLetterUpper(character) || char.IsAsciiDigit(character) || character is '_' or ' ')
                ? trimmed
                : null;
    }

    /// <summary>Returns whether the text is the id of a resource (FHIR type id).</summary>
    public static bool IsId(string? text)
        => text is { Length: > 0 and <= MaxIdLength }
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.');

    /// <summary>Formats the first group of a PN as people write it: prefix, given and middle names, family name, suffix.</summary>
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

    /// <summary>Returns a number that FHIR's unsignedInt can hold; null otherwise.</summary>
    public static int? Unsigned(long? number) => number is >= 0 and <= int.MaxValue ? (int)number : null;

    /// <summary>Formats a number.</summary>
    public static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    // The patterns of the FHIR definitions treat U+FEFF as white space.
    private static bool IsSpace(Rune rune) => Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || rune.Value == 0xFEFF;
}
