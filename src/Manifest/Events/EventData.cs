using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Events;

/// <summary>
/// The part of an event that is stored: JSON in UTF-8, compressed with raw deflate. Addresses are not in it; <see cref="Render"/> adds
/// them when the event goes out.
/// </summary>
public static class EventData
{
    /// <summary>Packs what an <see cref="EventType.ImageStored"/> says.</summary>
    public static ReadOnlyMemory<byte> Pack(EventImage image) => Pack(image, EventJson.Default.EventImage);

    /// <summary>Packs what an <see cref="EventType.StudyRevision"/> says, its endpoints left out.</summary>
    public static ReadOnlyMemory<byte> Pack(StudyRevisionEvent revision) => Pack(revision, EventJson.Default.StudyRevisionEvent);

    /// <summary>Reads what <see cref="Pack(StudyRevisionEvent)"/> packed, with the endpoints of its series.</summary>
    public static StudyRevisionEvent UnpackRevision(ReadOnlyMemory<byte> data, StorageSpace space)
    {
        StudyRevisionEvent stored = Unpack(data, EventJson.Default.StudyRevisionEvent);
        string study = $"{space.WadoExternalEndpoint}/studies/{stored.Study.StudyInstanceUID}";
        EventSeries[] series = [.. stored.Study.Series.Select(series => series with { Endpoint = $"{study}/series/{series.SeriesInstanceUID}" })];
        return stored with { Study = stored.Study with { Series = series } };
    }

    /// <summary>The modalities of the series of a revision that <see cref="Pack(StudyRevisionEvent)"/> packed.</summary>
    internal static IEnumerable<string> ModalitiesOf(ReadOnlyMemory<byte> data)
        => Unpack(data, EventJson.Default.StudyRevisionEvent).Study.Series.Select(series => series.Modality).OfType<string>();

    /// <summary>The WADO-RS URL of an instance.</summary>
    /// <param name="root">The WADO-RS root without a slash at its end.</param>
    /// <param name="study">The study.</param>
    /// <param name="instance">The instance.</param>
    public static string InstanceUrl(string root, StudyKey study, InstanceId instance)
        => $"{root}/studies/{study.Study.Value}/series/{instance.Series.Value}/instances/{instance.Sop.Value}";

    /// <summary>The JSON of an event as it goes out.</summary>
    /// <param name="logged">The event.</param>
    /// <param name="spaces">Tells the addresses.</param>
    public static byte[] Render(LoggedEvent logged, IStorageSpaces spaces)
    {
        StorageSpace space = spaces.Find(logged.Study.Provider);
        EventDraft content = logged.Content;
        string provider = logged.Study.Provider.Value;
        switch (content.Type)
        {
            case EventType.ImageStored:
                EventStore store = new(provider, space.BucketName, content.Object!.Value.Value, space.WadoInternalEndpoint, space.WadoExternalEndpoint);
                EventImage image = Unpack(content.Data, EventJson.Default.EventImage);
                return JsonSerializer.SerializeToUtf8Bytes(new ImageStoredEvent(image, store), EventJson.Default.ImageStoredEvent);
            case EventType.DicomAvailable:
                string endpoint = InstanceUrl(space.WadoInternalEndpoint, logged.Study, content.Instance!.Value);
                return JsonSerializer.SerializeToUtf8Bytes(new DicomAvailableEvent(provider, endpoint), EventJson.Default.DicomAvailableEvent);
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
