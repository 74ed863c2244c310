using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Grains.Cluster;

/// <summary>
/// Attributes between processes: tag, VR and value field as they are, so that the grain sees exactly what it would see within one process.
/// Their text is UTF-8 (<see cref="Utf8Attributes"/>); bulk values never are among them.
/// </summary>
internal static class WireAttributes
{
    private const byte ValueMark = 0;
    private const byte ItemsMark = 1;

    public static void Write(WireWriter writer, DicomDataset dataset)
    {
        writer.Length(dataset.Elements.Count);
        foreach (DicomElement element in dataset.Elements)
        {
            writer.UInt32(element.Tag.Value);
            if (element.Items is { } items)
            {
                writer.Byte(ItemsMark);
                writer.Length(items.Count);
                foreach (DicomDataset item in items)
                {
                    Write(writer, item);
                }
            }
            else
            {
                WriteValue(writer, element);
            }
        }
    }

    public static DicomDataset Read(WireReader reader)
    {
        DicomDataset dataset = Utf8Attributes.NewDataset();
        Fill(dataset, reader, 0);
        return dataset;
    }

    private static void WriteValue(WireWriter writer, DicomElement element)
    {
        if (element.Bulk is not null)
        {
            throw new ArgumentException($"The value of {element.Tag} is not in memory.", nameof(element));
        }

        writer.Byte(ValueMark);
        writer.UInt16((ushort)element.VR);
        writer.Bytes(element.Value.Span);
    }

    private static void Fill(DicomDataset dataset, WireReader reader, int depth)
    {
        if (depth > GrainCallLimits.MaxDepth)
        {
            throw new InvalidDataException($"Sequences are nested deeper than {GrainCallLimits.MaxDepth}.");
        }

        int count = reader.Length(GrainCallLimits.MaxElements);
        for (int index = 0; index < count; index++)
        {
            reader.CountElement();
            if (!dataset.TryAdd(ReadElement(dataset, reader, depth)))
            {
                throw new InvalidDataException("An attribute is there twice.");
            }
        }
    }

    private static DicomElement ReadElement(DicomDataset parent, WireReader reader, int depth)
    {
        uint tag = reader.UInt32();
        DicomTag key = new((ushort)(tag >> 16), (ushort)tag);
        switch (reader.Byte())
        {
            case ValueMark:
                DicomVR vr = (DicomVR)reader.UInt16();
                return vr is not (DicomVR.None or DicomVR.SQ) && Enum.IsDefined(vr)
                    ? new DicomElement(key, vr, reader.Bytes(GrainCallLimits.MaxCallBytes))
                    : throw new InvalidDataException("An attribute has an unknown VR.");
            case ItemsMark:
                return new DicomElement(key, ReadItems(parent, reader, depth + 1));
            default:
                throw new InvalidDataException("An attribute has neither a value nor items.");
        }
    }

    private static List<DicomDataset> ReadItems(DicomDataset parent, WireReader reader, int depth)
    {
        int count = reader.Length(GrainCallLimits.MaxElements);
        List<DicomDataset> items = [];
        for (int index = 0; index < count; index++)
        {
            reader.CountElement();
            DicomDataset item = new(parent);
            Fill(item, reader, depth);
            items.Add(item);
        }

        return items;
    }
}
