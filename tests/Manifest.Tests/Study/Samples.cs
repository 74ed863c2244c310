using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Dicom.CharacterSets;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Dicom.TransferSyntaxes;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.State;
using ImagingIngestion.Manifest.Study;

namespace ImagingIngestion.Manifest.Tests.Study;

/// <summary>Instances and data sets to decide about.</summary>
internal static class Samples
{
    public static readonly StudyKey Study = new(new ProviderName("default"), new StudyInstanceUid("1.2.3"));

    public static InstanceId Id(int instance, int series = 1)
        => new(new SeriesInstanceUid($"1.2.3.{series}"), new SopInstanceUid($"1.2.3.{series}.{instance}"));

    public static InstanceArrival Arrival(InstanceId id, string content, DateTimeOffset uploadBegan, string attempt = "a") => new()
    {
        Study = Study,
        State = new InstanceState
        {
            Id = id,
            SopClass = new SopClassUid("1.2.840.10008.5.1.4.1.1.2"),
            TransferSyntaxUid = TransferSyntax.ExplicitVRLittleEndian.Uid,
            Hash = Hash(content),
            Object = new ObjectKey($"p/{id.Sop}/{content}-{attempt}.dcm"),
            ObjectLength = 1000,
            DataSetOffset = 300,
            StoredAt = uploadBegan,
        },
        Content = new InstanceContent { Attributes = Dataset(), Metadata = "{}"u8.ToArray(), Layout = new byte[] { 1 } },
        StudyAttributes = Dataset((DicomTag.PatientID, "ID1")),
        SeriesAttributes = Dataset((DicomTag.Modality, "CT")),
        UploadBegan = uploadBegan,
    };

    public static ContentHash Hash(string content) => ContentHash.FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    public static DicomDataset Dataset(params (DicomTag Tag, string Value)[] values)
    {
        DicomDataset dataset = new() { CharacterSet = SpecificCharacterSet.Utf8 };
        foreach ((DicomTag tag, string value) in values)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(value.Length % 2 == 0 ? value : value + " ");
            dataset.TryAdd(new DicomElement(tag, VRs.GetValueOrDefault(tag, DicomVR.LO), bytes));
        }

        return dataset;
    }

    public static string? Text(DicomDataset dataset, DicomTag tag)
        => dataset.TryGet(tag, out DicomElement? element) ? Encoding.UTF8.GetString(element.Value.Span).TrimEnd(' ', '\0') : null;

    private static readonly Dictionary<DicomTag, DicomVR> VRs = new()
    {
        [DicomTag.Modality] = DicomVR.CS,
        [DicomTag.PatientName] = DicomVR.PN,
        [DicomTag.StudyDate] = DicomVR.DA,
        [DicomTag.ImageType] = DicomVR.CS,
        [DicomTag.SeriesNumber] = DicomVR.IS,
        [DicomTag.InstanceNumber] = DicomVR.IS,
    };
}
