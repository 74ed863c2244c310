using ImagingIngestion.Dicom.Dictionary;

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

    /// <summary>Patients are attributes of their studies.</summary>
    public static QueryModel StudyRoot { get; } = new(
        "1.2.840.10008.5.1.4.1.2.2.1",
        (QueryLevel.Study, "STUDY", DicomTag.StudyInstanceUID),
        (QueryLevel.Series, "SERIES", DicomTag.SeriesInstanceUID),
        (QueryLevel.Image, "IMAGE", DicomTag.SOPInstanceUID));

    public string FindSopClass { get; }

    /// <summary>The names of its levels as an error comment lists them.</summary>
    public string LevelNames => string.Join(", ", _levels.Select(row => row.Name));

    /// <summary>Null for a SOP class that is no C-FIND of a model here.</summary>
    public static QueryModel? OfFind(string sopClass)
        => sopClass == PatientRoot.FindSopClass ? PatientRoot : sopClass == StudyRoot.FindSopClass ? StudyRoot : null;

    public bool TryGetLevel(string? name, out QueryLevel level)
    {
        int index = Array.FindIndex(_levels, row => row.Name == name);
        level = index < 0 ? default : _levels[index].Level;
        return index >= 0;
    }

    public string NameOf(QueryLevel level) => _levels.Single(row => row.Level == level).Name;

    /// <summary>The unique keys from the top to the level.</summary>
    public IEnumerable<DicomTag> UniqueKeysTo(QueryLevel level) => _levels.Where(row => row.Level <= level).Select(row => row.UniqueKey);

    /// <summary>The unique keys above the level, which hierarchical queries must give.</summary>
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
