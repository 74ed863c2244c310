using System.Diagnostics.CodeAnalysis;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Gateways.Dimse.Find;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>
/// The parsed identifier of a C-GET or C-MOVE (PS3.4 section C.4.2.2.1): the unique keys of its level and of those above.
/// </summary>
internal sealed class RetrieveIdentifier
{
    /// <summary>An identifier has a few elements; this leaves room for the many that some peers add.</summary>
    private const int MaxElements = 10_000;

    private const int MaxDepth = 8;

    /// <summary>A list of UIDs may be as long as the identifier.</summary>
    private static readonly DicomReaderOptions Reader =
        new() { MaxDepth = MaxDepth, MaxElements = MaxElements, BulkThreshold = int.MaxValue, LongValueThreshold = int.MaxValue };

    private RetrieveIdentifier()
    {
    }

    /// <summary>Why it is refused; null if it is not.</summary>
    public string? Refusal { get; private init; }

    public QueryLevel Level { get; private init; }

    /// <summary>The patients to whom the studies must belong; empty for any.</summary>
    public IReadOnlyList<string> PatientIds { get; private init; } = [];

    /// <summary>Empty at the PATIENT level.</summary>
    public IReadOnlyList<StudyInstanceUid> Studies { get; private init; } = [];

    /// <summary>Empty above the SERIES level.</summary>
    public IReadOnlyList<SeriesInstanceUid> Series { get; private init; } = [];

    /// <summary>Empty above the IMAGE level.</summary>
    public IReadOnlyList<SopInstanceUid> Instances { get; private init; } = [];

    /// <summary>Reads an identifier.</summary>
    /// <param name="bytes">The data set; null if it is too long to be read.</param>
    /// <param name="syntax">Its encoding.</param>
    /// <param name="model">The model, which has the levels.</param>
    public static RetrieveIdentifier Read(byte[]? bytes, TransferSyntax syntax, QueryModel model)
    {
        if (bytes is null)
        {
            return Refuse("The identifier is too long; ask in parts");
        }

        DataSetParser parser = new(syntax, Reader);
        try
        {
            parser.Feed(bytes);
            parser.Complete();
        }
        catch (DicomParseException)
        {
            return Refuse("The identifier cannot be read");
        }

        return Read(parser.Dataset, model);
    }

    private static RetrieveIdentifier Read(DicomDataset keys, QueryModel model)
    {
        if (!model.TryGetLevel(keys.GetString(DicomTag.QueryRetrieveLevel), out QueryLevel level))
        {
            return Refuse($"(0008,0052) must be one of {model.LevelNames}");
        }

        bool isPatientRoot = model == QueryModel.PatientRoot;
        string[] patients = isPatientRoot ? [.. keys.GetStrings(DicomTag.PatientID).Where(id => id.Length > 0).Distinct()] : [];
        if (isPatientRoot && (patients.Length == 0 || (level != QueryLevel.Patient && patients.Length > 1)))
        {
            return Refuse("(0010,0020) must hold one Patient ID");
        }

        StudyInstanceUid[] studies = [];
        SeriesInstanceUid[] series = [];
        SopInstanceUid[] instances = [];
        string? refusal = null;
        bool isGood = (level < QueryLevel.Study
            || TryReadUids(keys, DicomTag.StudyInstanceUID, level > QueryLevel.Study, StudyInstanceUid.TryParse, out studies, out refusal))
            && (level < QueryLevel.Series || TryReadUids(
                keys, DicomTag.SeriesInstanceUID, level > QueryLevel.Series, SeriesInstanceUid.TryParse, out series, out refusal))
            && (level < QueryLevel.Image
                || TryReadUids(keys, DicomTag.SOPInstanceUID, isSingle: false, SopInstanceUid.TryParse, out instances, out refusal));
        return isGood
            ? new RetrieveIdentifier { Level = level, PatientIds = patients, Studies = studies, Series = series, Instances = instances }
            : Refuse(refusal!);
    }

    /// <summary>Reads one UID, or a list of them at the requested level.</summary>
    private static bool TryReadUids<T>(
        DicomDataset keys, DicomTag tag, bool isSingle, TryParse<T> parse, out T[] uids, [NotNullWhen(false)] out string? refusal)
    {
        string[] texts = [.. keys.GetStrings(tag).Distinct()];
        uids = new T[texts.Length];
        bool areValid = true;
        for (int index = 0; index < texts.Length && areValid; index++)
        {
            areValid = parse(texts[index], out uids[index]);
        }

        bool isGood = areValid && (isSingle ? uids.Length == 1 : uids.Length > 0);
        refusal = isGood ? null : isSingle ? $"{tag} must hold one UID" : $"{tag} must hold one or more UIDs";
        return isGood;
    }

    private static RetrieveIdentifier Refuse(string why) => new() { Refusal = why };

    private delegate bool TryParse<T>(string? text, out T uid);
}
