using System.Globalization;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Bindings.Tests.Events;

/// <summary>Stores files in a study grain and settles them into a revision, as the silo does, without its stores.</summary>
internal static class SettledStudy
{
    private static ProviderName Provider { get; } = new("default");

    /// <summary>Creates the revision of instances of one study.</summary>
    public static StudyRevisionEvent Of(StudyKey key, IEnumerable<InstanceArrival> arrivals)
    {
        StudyGrain grain = new(
            key,
            null,
            DuplicatePolicy.Replace,
            new RevisionTiming(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10)),
            TimeProvider.System);
        Dictionary<InstanceId, RevisionInstance> instances = [];
        foreach (InstanceArrival arrival in arrivals)
        {
            grain.Store(arrival, null);
            instances[arrival.State.Id] = new RevisionInstance(
                arrival.State.Id, arrival.State.SopClass, Number(arrival.Content.Attributes), 0, 0);
        }

        grain.TakeChange();
        grain.Committed();
        Assert.True(grain.Revise(new RevisionClaim(key, 0, 1), new RevisionContent([.. instances.Values], [])));
        return EventData.UnpackRevision(grain.TakeChange()!.Closing!.Data, new FixedSpaces().Find(key.Provider));
    }

    /// <summary>Parses a file as the gateway does.</summary>
    /// <exception cref="DicomParseException">The file is no instance.</exception>
    /// <exception cref="FormatException">A required UID is missing or not valid.</exception>
    public static InstanceArrival Receive(ReadOnlyMemory<byte> file)
    {
        using InstanceParser parser = new(new DicomReaderOptions());
        parser.Feed(file);
        parser.FinishHead();
        ParsedInstance parsed = parser.Complete();
        SplitAttributes split = AttributeLevels.Split(parsed.Dataset);
        InstanceId id = new(
            new SeriesInstanceUid(Uid(parsed.Dataset, DicomTag.SeriesInstanceUID)),
            new SopInstanceUid(Uid(parsed.Dataset, DicomTag.SOPInstanceUID)));
        return new InstanceArrival
        {
            Study = new StudyKey(Provider, new StudyInstanceUid(Uid(parsed.Dataset, DicomTag.StudyInstanceUID))),
            State = new InstanceState
            {
                Id = id,
                SopClass = new SopClassUid(Uid(parsed.Dataset, DicomTag.SOPClassUID)),
                TransferSyntaxUid = parsed.TransferSyntax.Uid,
                Hash = ContentHash.FromBytes(parsed.Hash.Span),
                Object = new ObjectKey("default/object.dcm"),
                ObjectLength = file.Length,
                DataSetOffset = 0,
                StoredAt = TimeProvider.System.GetUtcNow(),
            },
            Content = new InstanceContent { Attributes = split.Instance, Metadata = default, Layout = default },
            StudyAttributes = split.Study,
            SeriesAttributes = split.Series,
            UploadBegan = TimeProvider.System.GetUtcNow(),
        };
    }

    private static string Uid(DicomDataset dataset, DicomTag tag) => (dataset.GetString(tag) ?? "").Trim('\0', ' ');

    private static long? Number(DicomDataset attributes)
        => long.TryParse(attributes.GetString(DicomTag.InstanceNumber), CultureInfo.InvariantCulture, out long number) ? number : null;
}
