namespace ImagingIngestion.Dicom.Identifiers;

/// <summary>A valid SOP Class UID (0008,0016).</summary>
public readonly record struct SopClassUid
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is no UID.</exception>
    public SopClassUid(string value) => _value = DicomUid.Checked(value, "SOP Class UID (0008,0016)");

    /// <summary>True for <c>default</c>, which names nothing.</summary>
    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static bool TryParse(string? text, out SopClassUid uid)
    {
        bool valid = DicomUid.IsValid(text);
        uid = valid ? new SopClassUid(text!) : default;
        return valid;
    }

    public override string ToString() => Value;
}
