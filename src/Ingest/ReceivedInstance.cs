using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Ingest;

/// <summary>An instance whose object is durable and which no manifest names yet.</summary>
/// <param name="Identity">Its UIDs.</param>
/// <param name="Parsed">What the pass over it yielded.</param>
/// <param name="Key">The key of its object.</param>
/// <param name="HeadLength">Bytes of preamble and file meta in the object.</param>
/// <param name="ObjectLength">Bytes of the object.</param>
/// <param name="ObjectChecksum">XXH3 of the bytes of the object.</param>
/// <param name="UploadBegan">When the upload began.</param>
internal sealed record ReceivedInstance(
    InstanceIdentity Identity, ParsedInstance Parsed, ObjectKey Key, int HeadLength, long ObjectLength, ulong ObjectChecksum, DateTimeOffset UploadBegan)
{
    /// <summary>Lets go of what the arrival was built of: only UIDs are looked at until the answer.</summary>
    public void ForgetValues() => Parsed.Dataset.RemoveAll(element => element.VR != DicomVR.UI);
}
