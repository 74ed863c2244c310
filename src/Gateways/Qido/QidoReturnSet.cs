using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Search;

namespace ImagingIngestion.Gateways.Qido;

/// <summary>
/// Makes the data set of a match: the attributes of its level and of the levels that the path does not name, and those that were asked for.
/// </summary>
internal sealed class QidoReturnSet
{
    private static readonly DicomTag[] RequestItemTags = [DicomTag.ScheduledProcedureStepID, DicomTag.RequestedProcedureID];

    private readonly SearchLevel _level;
    private readonly QidoQuery _query;
    private readonly string _retrieveRoot;
    private readonly DicomTag[] _always;
    private readonly DicomTag[] _whenKnown;

    /// <param name="request">The search: its path decides which levels above are returned too.</param>
    /// <param name="query">What was asked for.</param>
    /// <param name="retrieveRoot">The absolute URL that RetrieveURL begins with.</param>
    public QidoReturnSet(SearchRequest request, QidoQuery query, string retrieveRoot)
    {
        _level = request.Level;
        _query = query;
        _retrieveRoot = retrieveRoot;

        List<SearchLevel> levels = [request.Level];
        if (request.Level == SearchLevel.Instance && request.Series is null)
        {
            levels.Add(SearchLevel.Series);
        }

        if (request.Level != SearchLevel.Study && request.Study is null)
        {
            levels.Add(SearchLevel.Study);
        }

        _always = [.. levels.SelectMany(QidoAttributes.Always)];
        _whenKnown = [.. levels.SelectMany(QidoAttributes.WhenKnown)];
    }

    /// <summary>Returns whether the query asks for an attribute that only the metadata of instances holds.</summary>
    public static bool NeedsMetadata(SearchLevel level, QidoQuery query)
        => level == SearchLevel.Instance && (query.IncludeAll || query.Requested.Any(tag => !QidoAttributes.IsInRows(tag)));

    /// <summary>The URL of the resource that the row describes.</summary>
    public string RetrieveUrl(SearchRow row)
        => $"{_retrieveRoot}/studies/{row.Study}" + (row.Series is { } series ? $"/series/{series}" : "")
            + (row.Instance is { } instance ? $"/instances/{instance.Id.Sop}" : "");

    /// <summary>Returns whether the metadata of the instance is read for an attribute.</summary>
    public bool IsWanted(DicomTag tag) => _query.IncludeAll || _query.Requested.Contains(tag);

    /// <summary>Returns the attributes that the row itself holds.</summary>
    public DicomDataset Known(SearchRow row)
    {
        DicomDataset known = KnownAttributes.Of(row, null);
        KnownAttributes.SetText(known, DicomTag.RetrieveURL, RetrieveUrl(row));
        return _query.IncludeAll ? known : Select(known);
    }

    /// <summary>Adds what must be there even when nothing is known of it.</summary>
    public DicomDataset AddEmpty(DicomDataset answer)
    {
        foreach (DicomTag tag in _always.Concat(_query.Requested.Where(tag => !QidoAttributes.IsFromBelow(tag, _level))))
        {
            DicomVR vr = DicomDictionary.VROf(tag);
            if (vr is not (DicomVR.UN or DicomVR.None))
            {
                answer.TryAdd(vr == DicomVR.SQ ? new DicomElement(tag, []) : new DicomElement(tag, vr, ReadOnlyMemory<byte>.Empty));
            }
        }

        return answer;
    }

    private DicomDataset Select(DicomDataset known)
    {
        DicomDataset answer = KnownAttributes.NewDataset();
        foreach (DicomTag tag in _whenKnown.Concat(_always).Concat(_query.Requested).Append(DicomTag.StudyInstanceUID).Append(
            DicomTag.SeriesInstanceUID))
        {
            if (known.TryGet(tag, out DicomElement? element))
            {
                answer.TryAdd(element);
            }
        }

        if (answer.TryGet(DicomTag.RequestAttributesSequence, out DicomElement? requests) && !_query.Requested.Contains(requests.Tag))
        {
            answer.Set(ShortRequests(requests, answer));
        }

        return answer;
    }

    private static DicomElement ShortRequests(DicomElement requests, DicomDataset parent)
    {
        List<DicomDataset> items = [];
        foreach (DicomDataset item in requests.Items ?? [])
        {
            var shortened = new DicomDataset(parent);
            foreach (DicomTag tag in RequestItemTags)
            {
                if (item.TryGet(tag, out DicomElement? element))
                {
                    shortened.TryAdd(element);
                }
            }

            items.Add(shortened);
        }

        return new DicomElement(requests.Tag, items);
    }
}

/// <summary>The return attributes of each level (PS3.18 tables 10.6.3-3 to 10.6.3-5).</summary>
internal static class QidoAttributes
{
    /// <summary>Always there, empty where not known.</summary>
    public static IReadOnlyList<DicomTag> Always(SearchLevel level) => level switch
    {
        SearchLevel.Study => StudyAlways,
        SearchLevel.Series => SeriesAlways,
        _ => InstanceAlways,
    };

    /// <summary>There when known.</summary>
    public static IReadOnlyList<DicomTag> WhenKnown(SearchLevel level) => level switch
    {
        SearchLevel.Study => StudyWhenKnown,
        SearchLevel.Series => SeriesWhenKnown,
        _ => InstanceWhenKnown,
    };

    /// <summary>Returns whether the attribute belongs to resources below the level, or is gathered from them.</summary>
    /// <remarks>
    /// If it is asked for nevertheless, it is left out rather than returned empty. Viewers take an empty Modality of a study for an answer:
    /// one study without modalities ends the study list of OHIF.
    /// </remarks>
    public static bool IsFromBelow(DicomTag tag, SearchLevel level)
        => tag == DicomTag.ModalitiesInStudy
            || (level < SearchLevel.Series && IsOf(tag, SearchLevel.Series))
            || (level < SearchLevel.Instance && IsOf(tag, SearchLevel.Instance));

    /// <summary>Returns whether rows carry the attribute without the metadata of the instance.</summary>
    public static bool IsInRows(DicomTag tag)
        => IsOf(tag, SearchLevel.Study) || IsOf(tag, SearchLevel.Series) || IsOf(tag, SearchLevel.Instance) || IsOfEveryLevel(tag);

    private static DicomTag[] StudyAlways { get; } =
    [
        DicomTag.StudyDate, DicomTag.StudyTime, DicomTag.AccessionNumber, DicomTag.ReferringPhysicianName,
        DicomTag.PatientName, DicomTag.PatientID, DicomTag.PatientBirthDate, DicomTag.PatientSex, DicomTag.StudyInstanceUID,
        DicomTag.StudyID,
        DicomTag.NumberOfStudyRelatedSeries, DicomTag.NumberOfStudyRelatedInstances,
    ];

    private static DicomTag[] StudyWhenKnown { get; } =
    [
        DicomTag.ModalitiesInStudy,
        DicomTag.InstanceAvailability,
        DicomTag.TimezoneOffsetFromUTC,
        DicomTag.RetrieveURL
    ];

    private static DicomTag[] SeriesAlways { get; } =
        [DicomTag.Modality, DicomTag.SeriesInstanceUID, DicomTag.SeriesNumber, DicomTag.NumberOfSeriesRelatedInstances];

    private static DicomTag[] SeriesWhenKnown { get; } =
    [
        DicomTag.SeriesDescription, DicomTag.TimezoneOffsetFromUTC, DicomTag.PerformedProcedureStepStartDate,
        DicomTag.PerformedProcedureStepStartTime, DicomTag.RequestAttributesSequence, DicomTag.RetrieveURL,
    ];

    private static DicomTag[] InstanceAlways { get; } = [DicomTag.SOPClassUID, DicomTag.SOPInstanceUID, DicomTag.InstanceNumber];

    private static DicomTag[] InstanceWhenKnown { get; } =
    [
        DicomTag.Rows, DicomTag.Columns, DicomTag.BitsAllocated, DicomTag.NumberOfFrames, DicomTag.InstanceAvailability,
        DicomTag.TimezoneOffsetFromUTC, DicomTag.RetrieveURL,
    ];

    private static bool IsOf(DicomTag tag, SearchLevel level)
        => Always(level).Contains(tag) || (WhenKnown(level).Contains(tag) && !IsOfEveryLevel(tag))
            || SearchAttributes.All.Any(attribute => attribute.Level == level && attribute.Path[0] == tag);

    private static bool IsOfEveryLevel(DicomTag tag)
        => tag == DicomTag.InstanceAvailability || tag == DicomTag.TimezoneOffsetFromUTC || tag == DicomTag.RetrieveURL;
}
