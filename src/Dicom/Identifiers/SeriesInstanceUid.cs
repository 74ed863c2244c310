namespace ImagingIngestion.Dicom.Identifiers;

/// <summary>A valid Series Instance UID (0020,000E).</summary>
public readonly record struct SeriesInstanceUid
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is no UID.</exception>
    public SeriesInstanceUid(string value) => _value = DicomUid.Checked(value, "Series Instance UID (0020,000E)");

    /// <summary>True for <c>default</c>, which names nothing.</summary>
    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static bool TryParse(string? text, out SeriesInstanceUid uid)
    {
        bool valid = DicomUid.IsValid(text);
        uid = valid ? new SeriesInstanceUid(text!) : default;
        return valid;
    }

    public override string ToString() => Value;
}
