using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.TestKit;

/// <summary>A study as its grain would keep it, which builds the changes from one state to the next.</summary>
public sealed class SampleStudy
{
    public static readonly ProviderName Provider = new("kit");

    private static long s_uids = RandomNumberGenerator.GetInt32(1, 1_000_000) * 1_000_000L;

    private readonly List<SeriesState> _series = [];
    private readonly HashSet<InstanceId> _instances = [];

    public SampleStudy(StudyKey? key = null) => Key = key ?? new StudyKey(Provider, new StudyInstanceUid(NewUid()));

    public StudyKey Key { get; }

    public long Version { get; set; }

    /// <summary>The number of the open revision.</summary>
    public int NextRevision { get; set; }

    public DicomDataset Attributes { get; set; } = Text((0x0010_0010, DicomVR.PN, "Kit^Sample"));

    public static DateTimeOffset Instant { get; } = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

    public static string NewUid() => string.Create(CultureInfo.InvariantCulture, $"1.2.826.0.1.99.{Interlocked.Increment(ref s_uids)}");

    public static ObjectKey NewObject() => new($"kit/{Guid.NewGuid():N}.dcm");

    /// <summary>A data set of text elements in UTF-8.</summary>
    public static DicomDataset Text(params (uint Tag, DicomVR VR, string Value)[] elements)
    {
        DicomDataset attributes = new() { CharacterSet = SpecificCharacterSet.Utf8 };
        foreach ((uint tag, DicomVR vr, string value) in elements)
        {
            attributes.Set(new DicomElement(DicomTag.FromValue(tag), vr, Encoding.UTF8.GetBytes(value)));
        }

        return attributes;
    }

    public static InstanceChange Instance(
        SeriesInstanceUid series, int? number = null, string? sop = null, string sopClass = "1.2.840.10008.5.1.4.1.1.2")
    {
        DicomDataset attributes = Text((0x0008_0016, DicomVR.UI, sopClass));
        if (number is { } value)
        {
            attributes.Set(new DicomElement(
                DicomTag.FromValue(0x0020_0013), DicomVR.IS, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture))));
        }

        InstanceState state = new()
        {
            Id = new InstanceId(series, new SopInstanceUid(sop ?? NewUid())),
            SopClass = new SopClassUid(sopClass),
            TransferSyntaxUid = "1.2.840.10008.1.2.1",
            Hash = ContentHash.FromBytes(RandomNumberGenerator.GetBytes(32)),
            Object = NewObject(),
            ObjectLength = 5_000_000_000,
            DataSetOffset = 340,
            ObjectChecksum = (ulong)Random.Shared.NextInt64() << 1,
            StoredAt = Instant,
        };
        return new InstanceChange(state, new InstanceContent
        {
            Attributes = attributes,
            Metadata = RandomNumberGenerator.GetBytes(200),
            Layout = RandomNumberGenerator.GetBytes(20),
        });
    }

    /// <summary>Adds a series, or gives a new state to one.</summary>
    public SeriesInstanceUid Series(string modality = "CT", DicomDataset? attributes = null, SeriesInstanceUid? uid = null)
    {
        SeriesInstanceUid series = uid ?? new SeriesInstanceUid(NewUid());
        _series.RemoveAll(known => known.Uid == series);
        _series.Add(new SeriesState
        {
            Uid = series,
            Attributes = attributes ?? Text((0x0008_0060, DicomVR.CS, modality)),
            InstanceCount = 0,
            Modalities = modality.Split('\\'),
        });
        return series;
    }

    /// <summary>Returns the change that stores these instances, new or replaced.</summary>
    public StudyChange Store(params InstanceChange[] instances)
    {
        _instances.UnionWith(instances.Select(instance => instance.State.Id));
        return Change() with { StoredInstances = instances };
    }

    /// <summary>Returns the change that removes these instances, and series that become empty.</summary>
    public StudyChange Remove(params InstanceState[] instances)
    {
        _instances.ExceptWith(instances.Select(instance => instance.Id));
        SeriesInstanceUid[] gone =
        [
            .. _series.Select(series => series.Uid).Where(uid => _instances.All(instance => instance.Series != uid))
        ];
        _series.RemoveAll(series => gone.Contains(series.Uid));
        return Change() with
        {
            RemovedInstances = [.. instances.Select(instance => instance.Id)],
            RemovedSeries = gone,
            DroppedObjects = [.. instances.Select(instance => instance.Object)],
        };
    }

    /// <summary>Returns the two events of an instance that was stored.</summary>
    public static EventDraft[] EventsOf(InstanceChange instance, ChangeKind change = ChangeKind.Addition)
    {
        EventDraft stored = new()
        {
            Type = EventType.ImageStored,
            Instance = instance.State.Id,
            Change = change,
            Modalities = ["CT", "PT"],
            CallingAeTitle = "MODALITY",
            Object = instance.State.Object,
            Data = RandomNumberGenerator.GetBytes(30),
        };
        return [stored, stored with { Type = EventType.DicomAvailable, Data = default }];
    }

    /// <summary>Returns the change that closes the open revision.</summary>
    public StudyChange Close(RevisionClaim claim, ReadOnlyMemory<byte> data)
    {
        StudyState after = Change().After;
        return new StudyChange
        {
            After = after with { NextRevision = after.NextRevision + 1 },
            Closing = new RevisionClosing(claim, data),
            Events = [new EventDraft { Type = EventType.StudyRevision, Revision = after.NextRevision, Modalities = ["CT"] }],
        };
    }

    /// <summary>Returns a change of the study row and all its series rows.</summary>
    public StudyChange Change()
    {
        SeriesState[] series =
        [
            .. _series.Select(state => state with { InstanceCount = _instances.Count(instance => instance.Series == state.Uid) })
        ];
        return new StudyChange
        {
            After = new StudyState
            {
                Key = Key,
                Version = Version,
                Attributes = Attributes,
                Series = series,
                NextRevision = NextRevision,
                CreatedAt = Instant,
                UpdatedAt = Instant.AddHours(1),
            },
            ChangedSeries = series,
        };
    }
}
