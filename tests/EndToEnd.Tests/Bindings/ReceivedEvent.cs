using System.Text.Json.Nodes;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>An event that a subscriber got.</summary>
internal sealed record ReceivedEvent(string Id, string Type, string Subject, JsonNode Data);
