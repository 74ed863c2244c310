using System.Globalization;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Bindings.Tests.Events;

/// <summary>A revision of a study with one series; a test may change any part.</summary>
internal sealed record SampleRevision
{
    public string Study { get; init; } = "1.2.3";

    public int Revision { get; init; }

    public int Instances { get; init; } = 2;

    public string? Modality { get; init; } = "CT";

    public long? Number { get; init; } = 4;

    public IReadOnlyDictionary<DicomTag, string?> Attributes { get; init; } = new Dictionary<DicomTag, string?>
    {
        [DicomTag.StudyDate] = "20240229",
        [DicomTag.StudyTime] = "134501.5",
        [DicomTag.TimezoneOffsetFromUTC] = "+0130",
        [DicomTag.AccessionNumber] = "A-1",
        [DicomTag.PatientID] = "P-1",
        [DicomTag.StudyDescription] = "Chest and more",
        [DicomTag.ReferringPhysicianName] = "Sender^Sam^M^Dr^MD",
    };

    public IReadOnlyDictionary<DicomTag, string?> SeriesAttributes { get; init; } = new Dictionary<DicomTag, string?>
    {
        [DicomTag.SeriesDescription] = "Axial",
        [DicomTag.BodyPartExamined] = "CHEST",
        [DicomTag.Laterality] = "L",
        [DicomTag.SeriesDate] = "20240229",
        [DicomTag.SeriesTime] = "1346",
    };

    public static StudyKey Key(string study = "1.2.3", string provider = "default")
        => new(new ProviderName(provider), new StudyInstanceUid(study));

    public SampleRevision With(DicomTag tag, string? value)
        => this with { Attributes = new Dictionary<DicomTag, string?>(Attributes) { [tag] = value } };

    public SampleRevision WithSeries(DicomTag tag, string? value)
        => this with { SeriesAttributes = new Dictionary<DicomTag, string?>(SeriesAttributes) { [tag] = value } };

    public StudyRevisionEvent ToEvent()
    {
        EventInstance[] instances = [.. Enumerable.Range(1, Instances).Select(number => new EventInstance(
            string.Create(CultureInfo.InvariantCulture, $"{Study}.1.{number}"), "1.2.840.10008.5.1.4.1.1.2", number))];
        EventSeries series = new()
        {
            SeriesInstanceUID = $"{Study}.1",
            Number = Number,
            Modality = Modality,
            Attributes = Elements(SeriesAttributes),
            Instances = instances,
            ProviderName = "default",
        };
        EventStudy study = Instances == 0
            ? new EventStudy(Study, null, [], [])
            : new EventStudy(Study, null, Elements(Attributes), [series]);
        return new StudyRevisionEvent(Revision, study, new EventChangeSet([], [], []));
    }

    private static EventElement[] Elements(IReadOnlyDictionary<DicomTag, string?> attributes)
        => [.. attributes.Select(pair => new EventElement(pair.Key.ToHex()[..4], pair.Key.ToHex()[4..], "LO", pair.Value))];
}
