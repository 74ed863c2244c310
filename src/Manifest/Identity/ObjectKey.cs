namespace ImagingIngestion.Manifest.Identity;

/// <summary>
/// The name of an object in an object store: '/'-separated components that cannot leave the prefix. Keys are never reused.
/// </summary>
public readonly record struct ObjectKey
{
    private readonly string? _value;

    /// <exception cref="FormatException">
    /// A component is empty, begins with a dot or holds a character outside ASCII letters, digits, '.', '_', '-'.
    /// </exception>
    public ObjectKey(string value)
        => _value = IsValid(value) ? value : throw new FormatException(
            "An object key has '/'-separated components of ASCII letters, digits, '.', '_' or '-', none empty or with a leading dot.");

    /// <summary>A key that no upload makes: looking for it shows whether a store can be reached.</summary>
    public static ObjectKey Absent { get; } = new("_readiness/none.dcm");

    /// <summary>True for <c>default</c>, which names nothing.</summary>
    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static bool IsValid(string? text)
        => text is { Length: > 0 and <= 1024 } && text.Split('/').All(component => component.Length > 0 && component[0] != '.'
            && component.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-'));

    public override string ToString() => Value;
}
