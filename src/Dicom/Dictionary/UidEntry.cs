namespace ImagingIngestion.Dicom.Dictionary;

/// <summary>One row of PS3.6 annex A.</summary>
/// <param name="Uid">The UID.</param>
/// <param name="Name">The name as the standard writes it; empty for two retired SOP classes that lost theirs.</param>
/// <param name="Type">What it names.</param>
/// <param name="Keyword">The keyword, empty where the standard gives none.</param>
/// <param name="IsRetired">Retired by the standard.</param>
public sealed record UidEntry(string Uid, string Name, UidType Type, string Keyword, bool IsRetired);
