using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Manifest.Events;

/// <summary>The stored part of an event: JSON in UTF-8, compressed with raw deflate.</summary>
/// <remarks>It contains no addresses; <see cref="Render"/> adds them when the event is sent.</remarks>
public static class EventData
{
    /// <summary>Packs the data of an <see cref="EventType.ImageStored"/>.</summary>
    public static ReadOnlyMemory<byte> Pack(EventImage image) => Pack(image, EventJson.Default.EventImage);

    /// <summary>Packs the data of an <see cref="EventType.StudyRevision"/>, without its endpoints.</summary>
    public static ReadOnlyMemory<byte> Pack(StudyRevisionEvent revision) => Pack(revision, EventJson.Default.StudyRevisionEvent);

    /// <summary>Reads what <see cref="Pack(StudyRevisionEvent)"/> packed, and adds the endpoints of its series.</summary>
    public static StudyRevisionEvent UnpackRevision(ReadOnlyMemory<byte> data, StorageSpace space)
    {
        StudyRevisionEvent stored = Unpack(data, EventJson.Default.StudyRevisionEvent);
        string study = $"{space.WadoExternalEndpoint}/studies/{stored.Study.StudyInstanceUID}";
        EventSeries[] series =
        [
            .. stored.Study.Series.Select(series => series with { Endpoint = $"{study}/series/{series.SeriesInstanceUID}" })
        ];
        return stored with { Study = stored.Study with { Series = series } };
    }

    /// <summary>Returns the modalities of the series of a packed revision.</summary>
    internal static IEnumerable<string> ModalitiesOf(ReadOnlyMemory<byte> data)
        => Unpack(data, EventJson.Default.StudyRevisionEvent).Study.Series.Select(series => series.Modality).OfType<string>();

    /// <summary>Returns the WADO-RS URL of an instance.</summary>
    /// <param name="root">The WADO-RS root without a slash at its end.</param>
    /// <param name="study">The study.</param>
    /// <param name="instance">The instance.</param>
    public static string InstanceUrl(string root, StudyKey study, InstanceId instance)
        => $"{root}/studies/{study.Study.Value}/series/{instance.Series.Value}/instances/{instance.Sop.Value}";

    /// <summary>Returns the JSON of an event for subscribers.</summary>
    /// <param name="logged">The event.</param>
    /// <param name="spaces">Knows the addresses.</param>
    public static byte[] Render(LoggedEvent logged, IStorageSpaces spaces)
    {
        StorageSpace space = spaces.Find(logged.Study.Provider);
        EventDraft content = logged.Content;
        string provider = logged.Study.Provider.Value;
        switch (content.Type)
        {
            case EventType.ImageStored:
                EventStore store = new(
                    provider, space.BucketName, content.Object!.Value.Value, space.WadoInternalEndpoint, space.WadoExternalEndpoint);
                EventImage image = Unpack(content.Data, EventJson.Default.EventImage);
                return JsonSerializer.SerializeToUtf8Bytes(new ImageStoredEvent(image, store), EventJson.Default.ImageStoredEvent);
            case EventType.DicomAvailable:
                string endpoint = InstanceUrl(space.WadoInternalEndpoint, logged.Study, content.Instance!.Value);
                return JsonSerializer.SerializeToUtf8Bytes(
                    new DicomAvailableEvent(provider, endpoint), EventJson.Default.DicomAvailableEvent);
            default:
                return JsonSerializer.SerializeToUtf8Bytes(UnpackRevision(content.Data, space), EventJson.Default.StudyRevisionEvent);
        }
    }

    private static byte[] Pack<T>(T value, JsonTypeInfo<T> type)
    {
        using MemoryStream packed = new();
        using (DeflateStream deflate = new(packed, CompressionLevel.Fastest))
        {
            JsonSerializer.Serialize(deflate, value, type);
        }

        return packed.ToArray();
    }

    private static T Unpack<T>(ReadOnlyMemory<byte> data, JsonTypeInfo<T> type)
    {
        using MemoryStream packed = new(data.ToArray());
        using DeflateStream inflate = new(packed, CompressionMode.Decompress);
        return JsonSerializer.Deserialize(inflate, type) ?? throw new JsonException("The data of an event is empty.");
    }
}

/// <summary>The instances that a revision adds, deletes and modifies, as <c>series/instance</c>; each is in one list only.</summary>
public sealed record EventChangeSet(IReadOnlyList<string> Additions, IReadOnlyList<string> Deletions, IReadOnlyList<string> Modifications);

/// <summary>
/// The instance of an <see cref="ImageStoredEvent"/>: its attributes in the manifest, in order of tag, without sequences.
/// </summary>
public sealed record EventImage(string TransferSyntaxUID, IReadOnlyList<EventElement> Elements);

/// <summary>An instance of an <see cref="EventSeries"/>; its number is Instance Number (0020,0013), if that is a number.</summary>
public sealed record EventInstance(string SopInstanceUID, string SopClassUID, long? Number);

/// <summary>Where the instance of an <see cref="ImageStoredEvent"/> was stored.</summary>
public sealed record EventStore(
    string Provider, string BucketName, string ObjectName, string WadoInternalEndpoint, string WadoExternalEndpoint);

/// <summary>The study of a <see cref="StudyRevisionEvent"/>.</summary>
public sealed record EventStudy(
    string StudyInstanceUID, string? StudyDate, IReadOnlyList<EventElement> Attributes, IReadOnlyList<EventSeries> Series);

/// <summary>The data of an event of type <see cref="EventType.ImageStored"/>.</summary>
public sealed record ImageStoredEvent(EventImage Image, EventStore Store);

/// <summary>The data of an event of type <see cref="EventType.DicomAvailable"/>.</summary>
/// <param name="Provider">The storage space.</param>
/// <param name="Endpoint">The WADO-RS URL of the instance inside the cluster.</param>
public sealed record DicomAvailableEvent(string Provider, string Endpoint);

/// <summary>
/// The data of an event of type <see cref="EventType.StudyRevision"/>: the whole settled study, and what changed since the revision before.
/// </summary>
/// <param name="Revision">Counts the revisions of the study from 0.</param>
/// <param name="Study">The study; without series if all of it was deleted.</param>
/// <param name="ChangeSet">What changed.</param>
public sealed record StudyRevisionEvent(int Revision, EventStudy Study, EventChangeSet ChangeSet);

/// <summary>The JSON of the events, exactly as subscribers of the old system read it; missing values are left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventImage))]
[JsonSerializable(typeof(ImageStoredEvent))]
[JsonSerializable(typeof(DicomAvailableEvent))]
[JsonSerializable(typeof(StudyRevisionEvent))]
public sealed partial class EventJson : JsonSerializerContext;

/// <summary>A series of an <see cref="EventStudy"/>.</summary>
public sealed record EventSeries
{
    public required string SeriesInstanceUID { get; init; }

    /// <summary>Series Number (0020,0011), if it is a number.</summary>
    public long? Number { get; init; }

    public string? Modality { get; init; }

    public required IReadOnlyList<EventElement> Attributes { get; init; }

    public required IReadOnlyList<EventInstance> Instances { get; init; }

    /// <summary>The WADO-RS URL of the series for clients outside; computed when the event is delivered.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The storage space.</summary>
    public required string ProviderName { get; init; }
}
