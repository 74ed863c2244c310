namespace ImagingIngestion.Manifest.Identity;

/// <summary>
/// The name of a storage space, part of every identity (design promise: storage spaces are separate): 1 to 64 ASCII letters, digits, '.',
/// '_' or '-', the first a letter or digit.
/// </summary>
public readonly record struct ProviderName
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is no provider name.</exception>
    public ProviderName(string value)
        => _value = IsValid(value) ? value : throw new FormatException(
            "A provider name has 1 to 64 ASCII letters, digits, '.', '_' or '-', and begins with a letter or digit.");

    /// <summary>True for <c>default</c>, which names nothing.</summary>
    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static bool IsValid(string? text)
        => text is { Length: > 0 and <= 64 }
            && char.IsAsciiLetterOrDigit(text[0])
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');

    public override string ToString() => Value;
}
