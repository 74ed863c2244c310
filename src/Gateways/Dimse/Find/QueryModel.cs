using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>A Query/Retrieve information model (PS3.4 section C.6): its levels and their unique keys.</summary>
internal sealed class QueryModel
{
    private readonly (QueryLevel Level, string Name, DicomTag UniqueKey)[] _levels;

    private QueryModel(string findSopClass, params (QueryLevel, string, DicomTag)[] levels)
    {
        FindSopClass = findSopClass;
        _levels = levels;
    }

    public static QueryModel PatientRoot { get; } = new(
        "1.2.840.10008.5.1.4.1.2.1.1",
        (QueryLevel.Patient, "PATIENT", DicomTag.PatientID),
        (QueryLevel.Study, "STUDY", DicomTag.StudyInstanceUID),
        (QueryLevel.Series, "SERIES", DicomTag.SeriesInstanceUID),
        (QueryLevel.Image, "IMAGE", DicomTag.SOPInstanceUID));

    /// <summary>The study root: patients are attributes of their studies.</summary>
    public static QueryModel StudyRoot { get; } = new(
        "1.2.840.10008.5.1.4.1.2.2.1",
        (QueryLevel.Study, "STUDY", DicomTag.StudyInstanceUID),
        (QueryLevel.Series, "SERIES", DicomTag.SeriesInstanceUID),
        (QueryLevel.Image, "IMAGE", DicomTag.SOPInstanceUID));

    public string FindSopClass { get; }

    /// <summary>The names of the levels for an error comment.</summary>
    public string LevelNames => string.Join(", ", _levels.Select(row => row.Name));

    /// <summary>Returns the model of a C-FIND SOP class; null for others.</summary>
    public static QueryModel? OfFind(string sopClass)
        => sopClass == PatientRoot.FindSopClass ? PatientRoot : sopClass == StudyRoot.FindSopClass ? StudyRoot : null;

    public bool TryGetLevel(string? name, out QueryLevel level)
    {
        int index = Array.FindIndex(_levels, row => row.Name == name);
        level = index < 0 ? default : _levels[index].Level;
        return index >= 0;
    }

    public string NameOf(QueryLevel level) => _levels.Single(row => row.Level == level).Name;

    /// <summary>Returns the unique keys from the top to the level.</summary>
    public IEnumerable<DicomTag> UniqueKeysTo(QueryLevel level) => _levels.Where(row => row.Level <= level).Select(row => row.UniqueKey);

    /// <summary>Returns the unique keys above the level, which hierarchical queries must contain.</summary>
    public IEnumerable<DicomTag> UniqueKeysAbove(QueryLevel level) => _levels.Where(row => row.Level < level).Select(row => row.UniqueKey);
}

/// <summary>Query/Retrieve Level (0008,0052), from the top down (PS3.4 section C.3).</summary>
internal enum QueryLevel
{
    Patient,
    Study,
    Series,
    Image,
}

/// <summary>The granted extended negotiation of queries (PS3.4 section C.5.1.1): each of these three if proposed.</summary>
/// <param name="IsRelational">Unique keys of the levels above may be missing.</param>
/// <param name="CombinesDateTimes">A date range and a time range are one range of instants.</param>
/// <param name="IsFuzzy">Names match by their words.</param>
internal sealed record QueryOptions(bool IsRelational, bool CombinesDateTimes, bool IsFuzzy)
{
    private const int Fields = 3;

    /// <summary>The options without extended negotiation.</summary>
    public static QueryOptions Default { get; } = new(false, false, false);

    public static QueryOptions Of(Association association, string sopClass)
        => association.Peer.ExtendedNegotiations.FirstOrDefault(proposed => proposed.SopClassUid == sopClass) is { } proposed
            ? Of(proposed)
            : Default;

    /// <summary>Returns the proposed fields with 1 if granted; unknown fields, such as time zones, are not granted.</summary>
    public static ExtendedNegotiation? Grant(ExtendedNegotiation proposed)
    {
        byte[] granted = new byte[Math.Clamp(proposed.Information.Length, 1, Fields + 1)];
        for (int index = 0; index < Fields && index < granted.Length; index++)
        {
            granted[index] = IsSet(proposed, index) ? (byte)1 : (byte)0;
        }

        return proposed with { Information = granted };
    }

    private static QueryOptions Of(ExtendedNegotiation proposed) => new(IsSet(proposed, 0), IsSet(proposed, 1), IsSet(proposed, 2));

    private static bool IsSet(ExtendedNegotiation proposed, int index)
        => proposed.Information.Length > index && proposed.Information.Span[index] == 1;
}
