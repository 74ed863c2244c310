using System.Globalization;

namespace ImagingIngestion.Load.Generator;

/// <summary>
/// A CT image as a scanner writes it: about 100 elements, two sequences, 16-bit pixel data in frames of 512 × 512, or smaller ones.
/// </summary>
public static class CtTemplate
{
    /// <summary>Bytes of one frame of 512 × 512 pixels of 16 bits.</summary>
    public const int FrameBytes = Side * Side * PixelBytes;

    /// <summary>Rows and columns of an image that is small beside its attributes: 2 KB of pixels.</summary>
    public const int SmallSide = 32;

    private const int Side = 512;
    private const int PixelBytes = 2;

    /// <summary>The SOP class of the image.</summary>
    public const string CtImageStorage = "1.2.840.10008.5.1.4.1.1.2";

    /// <summary>Makes a template.</summary>
    /// <param name="frames">Frames of pixel data; their number determines the size of the file.</param>
    /// <param name="side">Rows and columns of a frame.</param>
    public static InstanceTemplate Create(int frames, ushort side = Side)
    {
        ElementWriter file = new();
        PatchSlot media = FileMetaBytes.Write(file, CtImageStorage);
        int meta = file.Count;
        (PatchSlot sop, PatchSlot date) = WriteIdentification(file);
        (PatchSlot name, PatchSlot patient) = WritePatient(file);
        WriteAcquisition(file);
        PatchSlot study = file.Text(0x0020_000D, "UI", BenchUid.Format(BenchUid.Study, 0, 0));
        PatchSlot series = file.Text(0x0020_000E, "UI", BenchUid.Format(BenchUid.Series, 0, 0));
        PatchSlot number = WriteRelationship(file);
        WriteImage(file, frames, side);
        WriteRequest(file);
        long pixelLength = (long)frames * side * side * PixelBytes;
        file.Header(0x7FE0_0010, "OW", checked((uint)pixelLength));
        return new InstanceTemplate
        {
            Head = file.ToArray(),
            PixelLength = pixelLength,
            ElementCount = file.Count - meta,
            MediaStorageSopInstanceUid = media,
            SopInstanceUid = sop,
            StudyInstanceUid = study,
            SeriesInstanceUid = series,
            InstanceNumber = number,
            PatientName = name,
            PatientId = patient,
            StudyDate = date,
        };
    }

    private static (PatchSlot Sop, PatchSlot Date) WriteIdentification(ElementWriter file)
    {
        file.Text(0x0008_0005, "CS", "ISO_IR 100");
        file.Text(0x0008_0008, "CS", @"ORIGINAL\PRIMARY\AXIAL\CT_SOM5 SPI");
        file.Text(0x0008_0012, "DA", "20240102");
        file.Text(0x0008_0013, "TM", "101213.250000");
        file.Text(0x0008_0016, "UI", CtImageStorage);
        PatchSlot sop = file.Text(0x0008_0018, "UI", BenchUid.Format(BenchUid.Instance, 0, 0));
        PatchSlot date = file.Text(0x0008_0020, "DA", "20240102");
        file.Text(0x0008_0021, "DA", "20240102");
        file.Text(0x0008_0022, "DA", "20240102");
        file.Text(0x0008_0023, "DA", "20240102");
        file.Text(0x0008_0030, "TM", "100500.000000");
        file.Text(0x0008_0031, "TM", "100755.125000");
        file.Text(0x0008_0032, "TM", "101102.500000");
        file.Text(0x0008_0033, "TM", "101104.750000");
        file.Text(0x0008_0050, "SH", "A0000001");
        file.Text(0x0008_0060, "CS", "CT");
        file.Text(0x0008_0070, "LO", "Example Manufacturer");
        file.Text(0x0008_0080, "LO", "Example General Hospital");
        file.Text(0x0008_0081, "ST", "1 Example Street, Example City");
        file.Text(0x0008_0090, "PN", "REFERRER^ONE");
        file.Text(0x0008_1010, "SH", "CTAWP00001");
        file.Text(0x0008_1030, "LO", "Thorax^Routine (Adult)");
        file.Text(0x0008_103E, "LO", "Thorax  5.0  B31f");
        file.Text(0x0008_1040, "LO", "Radiology");
        file.Text(0x0008_1050, "PN", "PERFORMER^ONE");
        file.Text(0x0008_1070, "PN", "OPERATOR^ONE");
        file.Text(0x0008_1090, "LO", "Example Scanner 64");
        file.Sequence(0x0008_1140, item =>
        {
            item.Text(0x0008_1150, "UI", CtImageStorage);
            item.Text(0x0008_1155, "UI", "2.25.174839201847561029384");
        });
        return (sop, date);
    }

    private static (PatchSlot Name, PatchSlot Patient) WritePatient(ElementWriter file)
    {
        PatchSlot name = file.Text(0x0010_0010, "PN", StudyFacts.Name(0));
        PatchSlot patient = file.Text(0x0010_0020, "LO", StudyFacts.PatientId(0));
        file.Text(0x0010_0030, "DA", "19700101");
        file.Text(0x0010_0040, "CS", "O");
        file.Text(0x0010_1010, "AS", "054Y");
        file.Text(0x0010_1020, "DS", "1.75");
        file.Text(0x0010_1030, "DS", "78.5");
        return (name, patient);
    }

    private static void WriteAcquisition(ElementWriter file)
    {
        file.Text(0x0018_0010, "LO", "APPLIED");
        file.Text(0x0018_0015, "CS", "CHEST");
        file.Text(0x0018_0022, "CS", "HELIX");
        file.Text(0x0018_0050, "DS", "5");
        file.Text(0x0018_0060, "DS", "120");
        file.Text(0x0018_0090, "DS", "500");
        file.Text(0x0018_1000, "LO", "55555");
        file.Text(0x0018_1020, "LO", "syngo CT 2012B");
        file.Text(0x0018_1030, "LO", "ThoraxRoutine");
        file.Text(0x0018_1041, "DS", "70");
        file.Text(0x0018_1100, "DS", "380");
        file.Text(0x0018_1110, "DS", "1085.6");
        file.Text(0x0018_1111, "DS", "595");
        file.Text(0x0018_1120, "DS", "0");
        file.Text(0x0018_1130, "DS", "165.5");
        file.Text(0x0018_1140, "CS", "CW");
        file.Text(0x0018_1150, "IS", "500");
        file.Text(0x0018_1151, "IS", "187");
        file.Text(0x0018_1152, "IS", "110");
        file.Text(0x0018_1160, "SH", "FLAT");
        file.Text(0x0018_1170, "IS", "22");
        file.Text(0x0018_1190, "DS", "1.2");
        file.Text(0x0018_1210, "SH", "B31f");
        file.Text(0x0018_5100, "CS", "HFS");
        file.Double(0x0018_9305, 0.5);
        file.Double(0x0018_9306, 0.6);
        file.Double(0x0018_9307, 38.4);
        file.Double(0x0018_9309, 46.0);
        file.Double(0x0018_9310, 23.0);
        file.Double(0x0018_9311, 1.2);
        file.Text(0x0018_9323, "CS", "XYZ_EC");
        file.Double(0x0018_9345, 7.41);
    }

    private static PatchSlot WriteRelationship(ElementWriter file)
    {
        file.Text(0x0020_0010, "SH", "S0000001");
        file.Text(0x0020_0011, "IS", "2");
        file.Text(0x0020_0012, "IS", "1");
        PatchSlot number = file.Text(0x0020_0013, "IS", "000001");
        file.Text(0x0020_0032, "DS", @"-189.62890625\-341.62890625\-64.5");
        file.Text(0x0020_0037, "DS", @"1\0\0\0\1\0");
        file.Text(0x0020_0052, "UI", "2.25.174839201847561029385");
        file.Text(0x0020_1040, "LO", "");
        file.Text(0x0020_1041, "DS", "-64.5");
        file.Text(0x0020_4000, "LT", "No comment");
        return number;
    }

    private static void WriteImage(ElementWriter file, int frames, ushort side)
    {
        file.UShort(0x0028_0002, 1);
        file.Text(0x0028_0004, "CS", "MONOCHROME2");
        if (frames > 1)
        {
            file.Text(0x0028_0008, "IS", frames.ToString(CultureInfo.InvariantCulture));
        }

        file.UShort(0x0028_0010, side);
        file.UShort(0x0028_0011, side);
        file.Text(0x0028_0030, "DS", @"0.7421875\0.7421875");
        file.UShort(0x0028_0100, 16);
        file.UShort(0x0028_0101, 12);
        file.UShort(0x0028_0102, 11);
        file.UShort(0x0028_0103, 0);
        file.UShort(0x0028_0106, 0);
        file.UShort(0x0028_0107, 4095);
        file.Text(0x0028_1050, "DS", @"50\-600");
        file.Text(0x0028_1051, "DS", @"350\1200");
        file.Text(0x0028_1052, "DS", "-1024");
        file.Text(0x0028_1053, "DS", "1");
        file.Text(0x0028_1054, "LO", "HU");
        file.Text(0x0028_1055, "LO", @"WINDOW1\WINDOW2");
    }

    private static void WriteRequest(ElementWriter file)
    {
        file.Text(0x0032_1032, "PN", "REQUESTER^ONE");
        file.Text(0x0032_1033, "LO", "Emergency");
        file.Text(0x0032_1060, "LO", "CT thorax");
        file.Text(0x0040_0244, "DA", "20240102");
        file.Text(0x0040_0245, "TM", "100500.000000");
        file.Text(0x0040_0253, "SH", "P0000001");
        file.Text(0x0040_0254, "LO", "Thorax^Routine (Adult)");
        file.Sequence(0x0040_0275, item =>
        {
            item.Text(0x0040_0007, "LO", "CT thorax");
            item.Text(0x0040_0009, "SH", "SPS0000001");
            item.Text(0x0040_1001, "SH", "RP0000001");
        });
    }
}
