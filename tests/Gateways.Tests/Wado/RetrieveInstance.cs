using ImagingIngestion.Dicom.DataSets;
using ImagingIngestion.Dicom.Dictionary;
using ImagingIngestion.Dicom.TransferSyntaxes;

namespace ImagingIngestion.Gateways.Tests.Wado;

/// <summary>A data set to put into the stores, with the UIDs and headers that every instance needs.</summary>
internal sealed record RetrieveInstance
{
    public TransferSyntax Syntax { get; init; } = TransferSyntax.ExplicitVRLittleEndian;

    public string Study { get; init; } = "1.2.3";

    public string Series { get; init; } = "1.2.3.1";

    public string Sop { get; init; } = "1.2.3.1.1";

    public string? PatientName { get; init; } = "Doe^Jane";

    public string? PatientId { get; init; } = "P1";

    public string? StudyDate { get; init; } = "20200131";

    public string? StudyTime { get; init; } = "101500";

    public string? Modality { get; init; } = "CT";

    public string? Number { get; init; } = "1";

    /// <summary>False for an object from before checksums existed.</summary>
    public bool HasChecksum { get; init; } = true;

    /// <summary>Adds elements above group 0020 before the pixel data.</summary>
    public Action<DataSetEncoder> More { get; init; } = _ => { };

    public byte[] Encode()
    {
        var encoder = new DataSetEncoder(Syntax);
        encoder.Text(DicomTag.SpecificCharacterSet, DicomVR.CS, "ISO_IR 192");
        encoder.Text(DicomTag.SOPClassUID, DicomVR.UI, "1.2.840.10008.5.1.4.1.1.2");
        encoder.Text(DicomTag.SOPInstanceUID, DicomVR.UI, Sop);
        Add(encoder, DicomTag.StudyDate, DicomVR.DA, StudyDate);
        Add(encoder, DicomTag.StudyTime, DicomVR.TM, StudyTime);
        encoder.Text(DicomTag.AccessionNumber, DicomVR.SH, "A1");
        Add(encoder, DicomTag.Modality, DicomVR.CS, Modality);
        encoder.Text(DicomTag.StudyDescription, DicomVR.LO, "Thorax");
        Add(encoder, DicomTag.PatientName, DicomVR.PN, PatientName);
        Add(encoder, DicomTag.PatientID, DicomVR.LO, PatientId);
        encoder.Text(DicomTag.StudyInstanceUID, DicomVR.UI, Study);
        encoder.Text(DicomTag.SeriesInstanceUID, DicomVR.UI, Series);
        encoder.Text(DicomTag.SeriesNumber, DicomVR.IS, "3");
        Add(encoder, DicomTag.InstanceNumber, DicomVR.IS, Number);
        More(encoder);
        return encoder.ToBytes();
    }

    private static void Add(DataSetEncoder encoder, DicomTag tag, DicomVR vr, string? text)
    {
        if (text is not null)
        {
            encoder.Text(tag, vr, text);
        }
    }
}
