using System.Data.Common;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Collects the rows of one page of a search, with their columns in the order of <see cref="Columns"/>.</summary>
internal sealed class SearchRows(SearchRequest request, BlobReader blobs)
{
    /// <summary>A page ends when its rows hold so many bytes, however few rows it has.</summary>
    private const int MaxPageBytes = 256 << 10;

    private const int PatientCount = 6;
    private const int SeriesId = 9;
    private const int InstanceId = 13;

    private readonly List<SearchRow> _rows = [];
    private SearchPosition? _end;
    private long _bytes;
    private bool _hasMore;

    /// <summary>Returns the columns that a search selects, as far down as its level.</summary>
    /// <remarks>
    /// The tables: <c>study s</c>, <c>study_attributes a</c>, <c>series r</c>, <c>instance i</c> and <c>instance_content c</c>.
    /// </remarks>
    /// <param name="request">The search.</param>
    /// <param name="patientCounts">Three columns with the counts of the patient, or NULLs.</param>
    public static string Columns(SearchRequest request, string patientCounts)
    {
        string study = $"s.id, s.study_uid, s.modalities, s.series_count, s.instance_count, a.attributes, {patientCounts}";
        string series = $"{study}, r.id, r.series_uid, r.instance_count, r.attributes";
        string metadata = request.WithMetadata ? ContentBlob.Columns("metadata") : ContentBlob.None;
        return request.Level switch
        {
            SearchLevel.Study => study,
            SearchLevel.Series => series,
            _ => $"{series}, i.id, i.attributes, {metadata}, {InstanceRow.Columns}",
        };
    }

    /// <summary>
    /// Takes the row on which the reader stands; returns false if the page is full and the row only shows that there are more.
    /// </summary>
    public bool Add(DbDataReader results)
    {
        if (_rows.Count == request.Limit || _bytes >= MaxPageBytes)
        {
            _hasMore = true;
            return false;
        }

        _rows.Add(Read(results));
        _end = Position(results, request.Level);
        return true;
    }

    public SearchPage ToPage() => new(_rows, _hasMore) { End = _end };

    private SearchRow Read(DbDataReader results)
    {
        SearchRow study = new()
        {
            Study = new StudyInstanceUid(results.GetString(1)),
            Modalities = InstanceRow.Values(results, 2),
            StudySeriesCount = results.GetInt32(3),
            StudyInstanceCount = results.GetInt32(4),
            StudyAttributes = Attributes(results, 5),
            Patient = Patient(results),
        };
        if (request.Level == SearchLevel.Study)
        {
            return study;
        }

        SearchRow series = study with
        {
            Series = new SeriesInstanceUid(results.GetString(SeriesId + 1)),
            SeriesInstanceCount = results.GetInt32(SeriesId + 2),
            SeriesAttributes = Attributes(results, SeriesId + 3),
        };
        if (request.Level == SearchLevel.Series)
        {
            return series;
        }

        InstanceState state = InstanceRow.Read(results, InstanceId + 2 + ContentBlob.ColumnCount);
        StoredBlob metadata = new ContentBlob("metadata", results.GetInt64(0), results.GetInt64(InstanceId), state.Object.Value).Read(
            results, InstanceId + 2, blobs);
        _bytes += ContentBlob.HeldBytes(metadata);
        return series with { InstanceAttributes = Attributes(results, InstanceId + 1), Metadata = metadata, Instance = state };
    }

    private DicomDataset Attributes(DbDataReader results, int column)
    {
        byte[] json = results.GetFieldValue<byte[]>(column);
        _bytes += json.Length;
        return AttributeJson.Read(json);
    }

    /// <summary>Returns null for a study without Patient ID: it belongs to no patient.</summary>
    private static PatientCounts? Patient(DbDataReader results)
        => results.IsDBNull(PatientCount) || results.GetInt32(PatientCount) == 0 ? null
            : new PatientCounts(results.GetInt32(PatientCount), results.GetInt32(PatientCount + 1), results.GetInt32(PatientCount + 2));

    private static SearchPosition Position(DbDataReader results, SearchLevel level) => new(
        results.GetInt64(0),
        level == SearchLevel.Study ? 0 : results.GetInt64(SeriesId),
        level == SearchLevel.Instance ? results.GetInt64(InstanceId) : 0);
}
