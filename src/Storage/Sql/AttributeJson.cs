using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Json;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Attributes of a level as the manifest keeps them: DICOM JSON (PS3.18 annex F) in UTF-8.</summary>
internal static class AttributeJson
{
    public static byte[] Write(DicomDataset attributes) => DicomJsonWriter.ToUtf8(attributes);

    public static DicomDataset Read(ReadOnlySpan<byte> json) => DicomJsonReader.Read(json);
}
