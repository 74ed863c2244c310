using System.Text.Json.Serialization;

namespace ImagingIngestion.Manifest.Events;

/// <summary>The JSON of the events, exactly as subscribers of the old system read it; what is not there is left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventImage))]
[JsonSerializable(typeof(ImageStoredEvent))]
[JsonSerializable(typeof(DicomAvailableEvent))]
[JsonSerializable(typeof(StudyRevisionEvent))]
public sealed partial class EventJson : JsonSerializerContext;
