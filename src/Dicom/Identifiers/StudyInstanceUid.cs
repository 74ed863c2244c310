namespace ImagingIngestion.Dicom.Identifiers;

/// <summary>A valid Study Instance UID (0020,000D).</summary>
public readonly record struct StudyInstanceUid
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is no UID.</exception>
    public StudyInstanceUid(string value) => _value = DicomUid.Checked(value, "Study Instance UID (0020,000D)");

    /// <summary>True for <c>default</c>, which names nothing.</summary>
    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static bool TryParse(string? text, out StudyInstanceUid uid)
    {
        bool valid = DicomUid.IsValid(text);
        uid = valid ? new StudyInstanceUid(text!) : default;
        return valid;
    }

    public override string ToString() => Value;
}
