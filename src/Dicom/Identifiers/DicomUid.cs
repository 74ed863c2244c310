using System.Text;

namespace ImagingIngestion.Dicom.Identifiers;

/// <summary>
/// The rule that every UID here passes (PS3.5 section 9.1), with one leniency: components may have leading zeros, which devices in the
/// field send.
/// </summary>
public static class DicomUid
{
    public const int MaxLength = 64;

    /// <summary>1 to 64 characters: digits in components parted by single dots.</summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            return false;
        }

        bool digitBefore = false;
        foreach (char character in text)
        {
            if (!char.IsAsciiDigit(character) && (character != '.' || !digitBefore))
            {
                return false;
            }

            digitBefore = character != '.';
        }

        return digitBefore;
    }

    /// <summary>The text of a UI value field without its padding (NUL, or the spaces that some devices write).</summary>
    public static string Trim(ReadOnlySpan<byte> value) => Encoding.Latin1.GetString(value).Trim('\0', ' ');

    internal static string Checked(string text, string kind)
        => IsValid(text) ? text : throw new FormatException(
            $"Not a valid {kind}: a UID has 1 to 64 characters, digits and single dots between them (PS3.5 section 9.1).");
}
