using System.Buffers.Binary;
using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Interchange;
using ImagingIngestion.Dicom.Json;
using ImagingIngestion.Dicom.Xml;

namespace ImagingIngestion.Dicom.Tests.Json;

/// <summary>Makes elements and data sets for the tests of JSON and XML, encoded as a reader would find them.</summary>
internal static class Sample
{
    public static DicomElement Text(uint tag, DicomVR vr, string value)
        => Raw(tag, vr, Encoding.UTF8.GetBytes(value.Length % 2 == 0 ? value : value + (vr == DicomVR.UI ? "\0" : " ")));

    public static DicomElement Raw(uint tag, DicomVR vr, params byte[] value) => new(DicomTag.FromValue(tag), vr, value);

    public static DicomElement Sequence(uint tag, params DicomDataset[] items) => new(DicomTag.FromValue(tag), items);

    public static DicomElement UnsignedShort(uint tag, params ushort[] values)
    {
        byte[] field = new byte[values.Length * 2];
        for (int index = 0; index < values.Length; index++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(field.AsSpan(index * 2), values[index]);
        }

        return Raw(tag, DicomVR.US, field);
    }

    public static DicomElement Doubles(uint tag, params double[] values)
        => Raw(tag, DicomVR.FD, values.SelectMany(BitConverter.GetBytes).ToArray());

    /// <summary>Makes a data set of UTF-8 text.</summary>
    public static DicomDataset Dataset(params DicomElement[] elements)
    {
        var dataset = new DicomDataset { CharacterSet = SpecificCharacterSet.Utf8 };
        foreach (DicomElement element in elements)
        {
            dataset.TryAdd(element);
        }

        return dataset;
    }

    /// <summary>Makes sequences in sequences of this depth.</summary>
    public static DicomDataset Nested(int depth)
    {
        DicomDataset dataset = Dataset(Text(0x00100020, DicomVR.LO, "innermost"));
        for (int level = 0; level < depth; level++)
        {
            dataset = Dataset(Sequence(0x0040A730, dataset));
        }

        return dataset;
    }

    public static string Json(DicomDataset dataset, DicomModelWriterOptions? options = null)
        => Encoding.UTF8.GetString(DicomJsonWriter.ToUtf8(dataset, options));

    public static string Json(params DicomElement[] elements) => Json(Dataset(elements));

    public static DicomDataset FromJson(string json, DicomModelReaderOptions? options = null)
        => DicomJsonReader.Read(Encoding.UTF8.GetBytes(json), options);

    /// <summary>Returns the document without its declaration, and without the namespace by default.</summary>
    public static string Xml(DicomDataset dataset, DicomModelWriterOptions? options = null)
    {
        string document = Encoding.UTF8.GetString(
            DicomXmlWriter.ToUtf8(dataset, options ?? new DicomModelWriterOptions { IncludeXmlNamespace = false }));
        return document["<?xml version=\"1.0\" encoding=\"utf-8\"?>".Length..];
    }

    public static string XmlBody(params DicomElement[] elements)
    {
        string document = Xml(Dataset(elements));
        return document["<NativeDicomModel xml:space=\"preserve\">".Length..^"</NativeDicomModel>".Length];
    }

    public static DicomDataset FromXml(string xml, DicomModelReaderOptions? options = null)
        => DicomXmlReader.Read(Encoding.UTF8.GetBytes(xml), options);
}
