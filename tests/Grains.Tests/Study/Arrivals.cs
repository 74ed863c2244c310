using System.Globalization;
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

namespace ImagingIngestion.Grains.Tests.Study;

/// <summary>Instances to store.</summary>
internal static class Arrivals
{
    private static int _objects;

    public static StudyKey Study(int number)
        => new(new ProviderName("default"), new StudyInstanceUid("1.2." + number.ToString(CultureInfo.InvariantCulture)));

    public static SopInstanceUid Sop(int number) => new("1.2.4." + number.ToString(CultureInfo.InvariantCulture));

    public static InstanceArrival Of(StudyKey study, int instance, string content = "first", int series = 1)
        => new()
        {
            Study = study,
            State = new InstanceState
            {
                Id = new InstanceId(new SeriesInstanceUid("1.2.3." + series.ToString(CultureInfo.InvariantCulture)), Sop(instance)),
                SopClass = new SopClassUid("1.2.840.10008.5.1.4.1.1.2"),
                TransferSyntaxUid = TransferSyntax.ExplicitVRLittleEndian.Uid,
                Hash = ContentHash.FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes(content))),
                Object = new ObjectKey("p/" + Interlocked.Increment(ref _objects).ToString(CultureInfo.InvariantCulture) + ".dcm"),
                ObjectLength = 1000,
                DataSetOffset = 300,
                StoredAt = DateTimeOffset.UnixEpoch,
            },
            Content = new InstanceContent
            {
                Attributes = Text((0x0020, 0x0013), DicomVR.IS, "1 "),
                Metadata = "{}"u8.ToArray(),
                Layout = new byte[] { 1 }
            },
            StudyAttributes = Text((0x0010, 0x0020), DicomVR.LO, "ID"),
            SeriesAttributes = Text((0x0008, 0x0060), DicomVR.CS, "CT"),
            UploadBegan = TimeProvider.System.GetUtcNow(),
        };

    private static DicomDataset Text((ushort Group, ushort Element) tag, DicomVR vr, string value)
    {
        DicomDataset dataset = new() { CharacterSet = SpecificCharacterSet.Utf8 };
        dataset.TryAdd(new DicomElement(new DicomTag(tag.Group, tag.Element), vr, Encoding.UTF8.GetBytes(value)));
        return dataset;
    }
}
