using System.Buffers;
using System.Text.Json;
using ImagingIngestion.Dicom;

namespace ImagingIngestion.Storage;

/// <summary>Attributes of a level as the manifest keeps them.</summary>
internal static class AttributeJson
{
    public static byte[] Write(DicomDataset attributes)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(writer, attributes);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static DicomDataset Read(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Read(document.RootElement, null);
    }

    private static void Write(Utf8JsonWriter writer, DicomDataset dataset)
    {
        writer.WriteStartObject();
        foreach (DicomElement element in dataset.Elements)
        {
            writer.WriteStartObject(element.Tag.ToHex());
            writer.WriteString("vr", element.VR.Code());
            if (element.Items is { } items)
            {
                writer.WriteStartArray("Value");
                foreach (DicomDataset item in items)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
            }
            else
            {
                writer.WriteBase64String("InlineBinary", element.Value.Span);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static DicomDataset Read(JsonElement json, DicomDataset? parent)
    {
        DicomDataset dataset = new(parent) { CharacterSet = SpecificCharacterSet.Utf8 };
        foreach (JsonProperty property in json.EnumerateObject())
        {
            DicomTag.TryParseHex(property.Name, out DicomTag tag);
            DicomVRTable.TryParse(property.Value.GetProperty("vr").GetString(), out DicomVR vr);
            dataset.TryAdd(property.Value.TryGetProperty("Value", out JsonElement items)
                ? new DicomElement(tag, [.. items.EnumerateArray().Select(item => Read(item, dataset))])
                : new DicomElement(tag, vr, property.Value.GetProperty("InlineBinary").GetBytesFromBase64()));
        }

        return dataset;
    }
}
