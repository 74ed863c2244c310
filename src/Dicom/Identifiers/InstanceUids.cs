namespace ImagingIngestion.Dicom.Identifiers;

/// <summary>A valid Study Instance UID (0020,000D).</summary>
public readonly record struct StudyInstanceUid : IDicomUid<StudyInstanceUid>
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is not a valid UID.</exception>
    public StudyInstanceUid(string value) => _value = DicomUid.Checked(value, Kind);

    public static string Kind => "Study Instance UID (0020,000D)";

    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static StudyInstanceUid Create(string value) => new(value);

    public static bool TryParse(string? text, out StudyInstanceUid uid) => IDicomUid<StudyInstanceUid>.TryRead(text, out uid);

    public override string ToString() => Value;
}

/// <summary>A valid Series Instance UID (0020,000E).</summary>
public readonly record struct SeriesInstanceUid : IDicomUid<SeriesInstanceUid>
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is not a valid UID.</exception>
    public SeriesInstanceUid(string value) => _value = DicomUid.Checked(value, Kind);

    public static string Kind => "Series Instance UID (0020,000E)";

    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static SeriesInstanceUid Create(string value) => new(value);

    public static bool TryParse(string? text, out SeriesInstanceUid uid) => IDicomUid<SeriesInstanceUid>.TryRead(text, out uid);

    public override string ToString() => Value;
}

/// <summary>A valid SOP Instance UID (0008,0018).</summary>
public readonly record struct SopInstanceUid : IDicomUid<SopInstanceUid>
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is not a valid UID.</exception>
    public SopInstanceUid(string value) => _value = DicomUid.Checked(value, Kind);

    public static string Kind => "SOP Instance UID (0008,0018)";

    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static SopInstanceUid Create(string value) => new(value);

    public static bool TryParse(string? text, out SopInstanceUid uid) => IDicomUid<SopInstanceUid>.TryRead(text, out uid);

    public override string ToString() => Value;
}

/// <summary>A valid SOP Class UID (0008,0016).</summary>
public readonly record struct SopClassUid : IDicomUid<SopClassUid>
{
    private readonly string? _value;

    /// <exception cref="FormatException">The text is not a valid UID.</exception>
    public SopClassUid(string value) => _value = DicomUid.Checked(value, Kind);

    public static string Kind => "SOP Class UID (0008,0016)";

    public bool IsDefault => _value is null;

    public string Value => _value ?? "";

    public static SopClassUid Create(string value) => new(value);

    public static bool TryParse(string? text, out SopClassUid uid) => IDicomUid<SopClassUid>.TryRead(text, out uid);

    public override string ToString() => Value;
}
