using ImagingIngestion.Dicom.Identifiers;

namespace ImagingIngestion.Manifest.Identity;

/// <summary>The identity of a study grain.</summary>
public readonly record struct StudyKey(ProviderName Provider, StudyInstanceUid Study);

/// <summary>Identifies an instance within its study. A SOP Instance UID alone does not: it may occur in two series.</summary>
public readonly record struct InstanceId(SeriesInstanceUid Series, SopInstanceUid Sop);

/// <summary>The name of a storage space, part of every identity (docs/design.md, promise 8).</summary>
/// <remarks>It has 1 to 64 ASCII letters, digits, '.', '_' or '-', and begins with a letter or digit.</remarks>
public readonly record struct ProviderName
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is no provider name.</exception>
    public ProviderName(string value)
        => _value = IsValid(value) ? value : throw new FormatException(
            "A provider name has 1 to 64 ASCII letters, digits, '.', '_' or '-', and begins with a letter or digit.");

    /// <summary>True for <c>default</c>, which is no key.</summary>
    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static bool IsValid(string? text)
        => text is { Length: > 0 and <= 64 }
            && char.IsAsciiLetterOrDigit(text[0])
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');

    public override string ToString() => Value;
}
