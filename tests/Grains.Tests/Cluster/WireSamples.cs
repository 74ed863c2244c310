using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Grains.Cluster;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;
using ImagingIngestion.Manifest.Tests.Study;

namespace ImagingIngestion.Grains.Tests.Cluster;

/// <summary>The calls and answers whose bytes are pinned.</summary>
internal static class WireSamples
{
    private static readonly DateTimeOffset Instant = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static IReadOnlyDictionary<string, GrainCall> Calls { get; } = new Dictionary<string, GrainCall>(StringComparer.Ordinal)
    {
        ["store-call"] = new StoreCall(Arrival()),
        ["delete-call"] = new DeleteCall(Samples.Study, new DeleteRequest(new SeriesInstanceUid("1.2.3.1"), null)),
        ["revise-call"] = new ReviseCall(new RevisionClaim(Samples.Study, 4, 5_000_000_000)),
    };

    public static IReadOnlyDictionary<string, GrainAnswer> Answers { get; } = new Dictionary<string, GrainAnswer>(StringComparer.Ordinal)
    {
        ["stored-answer"] = new(GrainAnswerKind.Stored) { Store = new StoreAnswer(
            StoreAnswer.Kind.Replaced, Arrival().State with { AddedRevision = 1, ChangedRevision = 3, IsDamaged = true }) },
        ["deleted-answer"] = new(GrainAnswerKind.Deleted) { Deleted = 12 },
        ["revised-answer"] = new(GrainAnswerKind.Revised) { IsClosed = true },
        ["overloaded-answer"] = new(GrainAnswerKind.Overloaded) { RetryAfter = TimeSpan.FromMilliseconds(200) },
        ["full-answer"] = new(GrainAnswerKind.ManifestFull) { Detail = "No space is left." },
    };

    public static byte[] Snapshot(string name)
        => Convert.FromHexString(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Cluster", "snapshots", name + ".hex")).ReplaceLineEndings(""));

    public static InstanceArrival Arrival()
    {
        DicomDataset study = Samples.Dataset();
        study.Set(new DicomElement(DicomTag.PatientName, DicomVR.PN, Encoding.UTF8.GetBytes("Müller^Ann ")));
        DicomDataset item = new(study);
        item.Set(new DicomElement(DicomTag.PatientID, DicomVR.LO, "ID"u8.ToArray()));
        study.Set(new DicomElement(DicomTag.OtherPatientIDsSequence, [item, new DicomDataset(study)]));
        DicomDataset instance = Samples.Dataset();
        instance.Set(new DicomElement(DicomTag.Rows, DicomVR.US, new byte[] { 0, 2 }));
        InstanceArrival arrival = Samples.Arrival(Samples.Id(7), "x", Instant);
        return arrival with
        {
            State = arrival.State with { Object = new ObjectKey("p/7.dcm"), ObjectChecksum = 0xFEDC_BA98_7654_3210 },
            StudyAttributes = study,
            Content = new InstanceContent
            {
                Attributes = instance,
                Metadata = Enumerable.Range(0, 300).Select(value => (byte)value).ToArray(),
                Layout = new byte[] { 1, 2 }
            },
            CallingAeTitle = "MODALITY",
            DamagedObject = new ObjectKey("p/6.dcm"),
            Comparison = new ContentComparison(Samples.Hash("y"), false),
        };
    }
}
