using System.Text;

namespace ImagingIngestion.Dicom.Identifiers;

/// <summary>The rule that every UID here passes (PS3.5 section 9.1).</summary>
/// <remarks>It has one leniency: components may have leading zeros, because devices in the field send them.</remarks>
public static class DicomUid
{
    public const int MaxLength = 64;

    /// <summary>Returns whether the text is 1 to 64 characters long: digits in components, separated by single dots.</summary>
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

    /// <summary>Returns the text of a UI value field without its padding (NUL, or the spaces that some devices write).</summary>
    public static string Trim(ReadOnlySpan<byte> value) => Encoding.Latin1.GetString(value).Trim('\0', ' ');

    internal static string Checked(string text, string kind) => IsValid(text) ? text : throw Invalid(kind);

    internal static FormatException Invalid(string kind)
        => new($"Not a valid {kind}: a UID has 1 to 64 characters, digits and single dots between them (PS3.5 section 9.1).");
}

/// <summary>A valid UID of one kind; generic code reads any of them with <see cref="IParsable{TSelf}"/>.</summary>
public interface IDicomUid<TSelf> : ISpanParsable<TSelf>
    where TSelf : struct, IDicomUid<TSelf>
{
    /// <summary>The attribute's name and tag, as messages write them.</summary>
    static abstract string Kind { get; }

    /// <summary>True for <c>default</c>, which names nothing.</summary>
    bool IsDefault { get; }

    /// <summary>The UID's text; empty for <c>default</c>.</summary>
    string Value { get; }

    /// <exception cref="FormatException">The text is not a valid UID.</exception>
    static abstract TSelf Create(string value);

    /// <summary>Reads a valid UID; returns false for any other text.</summary>
    static bool TryRead(string? text, out TSelf uid)
    {
        bool isValid = DicomUid.IsValid(text);
        uid = isValid ? TSelf.Create(text!) : default;
        return isValid;
    }

    static TSelf IParsable<TSelf>.Parse(string s, IFormatProvider? provider) => TSelf.Create(s);

    static bool IParsable<TSelf>.TryParse(string? s, IFormatProvider? provider, out TSelf result) => TryRead(s, out result);

    static TSelf ISpanParsable<TSelf>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider)
        => DicomUid.IsValid(s) ? TSelf.Create(s.ToString()) : throw DicomUid.Invalid(TSelf.Kind);

    static bool ISpanParsable<TSelf>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out TSelf result)
    {
        bool isValid = DicomUid.IsValid(s);
        result = isValid ? TSelf.Create(s.ToString()) : default;
        return isValid;
    }
}
