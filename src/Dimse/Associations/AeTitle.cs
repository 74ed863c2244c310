namespace ImagingIngestion.Dimse.Associations;

/// <summary>An application entity title (PS3.8 section 9.3.2, VR AE of PS3.5).</summary>
/// <remarks>1 to 16 characters, without leading and trailing spaces, case preserved.</remarks>
public readonly record struct AeTitle
{
    public const int MaxLength = 16;

    private readonly string? _value;

    /// <exception cref="ArgumentException">The text is not a valid AE title.</exception>
    public AeTitle(string value)
        => _value = TryParse(value, out AeTitle title) ? title._value : throw new ArgumentException(
            "An AE title has 1 to 16 ASCII characters without backslash and control characters.", nameof(value));

    private AeTitle(string trimmed, bool _) => _value = trimmed;

    /// <summary>True for a title that was never given.</summary>
    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    /// <summary>Trims spaces and reads the title; returns false if nothing is left or a character is not allowed in titles.</summary>
    public static bool TryParse(string? text, out AeTitle title)
    {
        string trimmed = text?.Trim(' ') ?? "";
        bool isValid = trimmed.Length is > 0 and <= MaxLength && trimmed.All(character => character is >= ' ' and <= '~' and not '\\');
        title = isValid ? new AeTitle(trimmed, true) : default;
        return isValid;
    }

    public override string ToString() => Value;
}
