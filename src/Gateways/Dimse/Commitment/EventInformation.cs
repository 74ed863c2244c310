using System.Buffers.Binary;
using System.Text;
using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Manifest.Commitments;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>What the N-EVENT-REPORT of storage commitment tells (PS3.4 table J.3-2).</summary>
internal static class EventInformation
{
    public static DicomDataset Of(CommitmentRequest request, CommitmentResult result)
    {
        DicomDataset information = new();
        information.Set(Text(DicomTag.RetrieveAETitle, DicomVR.AE, request.CalledAeTitle));
        information.Set(Text(DicomTag.TransactionUID, DicomVR.UI, request.TransactionUid));
        if (result.Failed.Count > 0)
        {
            information.Set(new DicomElement(DicomTag.FailedSOPSequence, [.. result.Failed.Select(failure => Item(information, failure))]));
        }

        if (result.Committed.Count > 0)
        {
            information.Set(new DicomElement(DicomTag.ReferencedSOPSequence, [.. result.Committed.Select(reference => Item(information, reference))]));
        }

        return information;
    }

    private static DicomDataset Item(DicomDataset parent, CommitmentReference reference)
    {
        DicomDataset item = new(parent);
        item.Set(Text(DicomTag.ReferencedSOPClassUID, DicomVR.UI, reference.SopClass.Value));
        item.Set(Text(DicomTag.ReferencedSOPInstanceUID, DicomVR.UI, reference.Sop.Value));
        return item;
    }

    private static DicomDataset Item(DicomDataset parent, CommitmentFailure failure)
    {
        byte[] reason = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(reason, (ushort)failure.Reason);
        DicomDataset item = Item(parent, failure.Reference);
        item.Set(new DicomElement(DicomTag.FailureReason, DicomVR.US, reason));
        return item;
    }

    private static DicomElement Text(DicomTag tag, DicomVR vr, string value) => new(tag, vr, Encoding.ASCII.GetBytes(value));
}
