namespace ImagingIngestion.Dicom.DataSets;

/// <summary>The component groups of a PN value (PS3.5 section 6.2.1); a group that is absent or empty is null.</summary>
/// <param name="Alphabetic">Single-byte characters; components are separated by ^.</param>
/// <param name="Ideographic">The name as written in its own script.</param>
/// <param name="Phonetic">The name as it is pronounced.</param>
public readonly record struct PersonName(string? Alphabetic, string? Ideographic, string? Phonetic)
{
    public bool IsEmpty => Alphabetic is null && Ideographic is null && Phonetic is null;

    /// <summary>Splits one decoded value at its equals signs; text after a third one stays in the phonetic group.</summary>
    public static PersonName Parse(string value)
    {
        string[] groups = value.Split('=', 3);
        return new PersonName(Group(groups, 0), Group(groups, 1), Group(groups, 2));
    }

    /// <summary>Returns the value as DICOM writes it, without the equals signs of trailing empty groups.</summary>
    public override string ToString() => $"{Alphabetic}={Ideographic}={Phonetic}".TrimEnd('=');

    private static string? Group(string[] groups, int index)
        => index < groups.Length && groups[index].TrimEnd(' ', '\0') is { Length: > 0 } group ? group : null;
}
