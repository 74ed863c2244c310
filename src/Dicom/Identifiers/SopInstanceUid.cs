namespace ImagingIngestion.Dicom.Identifiers;

/// <summary>A valid SOP Instance UID (0008,0018).</summary>
public readonly record struct SopInstanceUid
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is no UID.</exception>
    public SopInstanceUid(string value) => _value = DicomUid.Checked(value, "SOP Instance UID (0008,0018)");

    /// <summary>True for <c>default</c>, which names nothing.</summary>
    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static bool TryParse(string? text, out SopInstanceUid uid)
    {
        bool valid = DicomUid.IsValid(text);
        uid = valid ? new SopInstanceUid(text!) : default;
        return valid;
    }

    public override string ToString() => Value;
}
