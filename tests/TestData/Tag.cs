namespace ImagingIngestion.TestData;

/// <summary>The tags that the test files use, group first.</summary>
public static class Tag
{
    public const uint SpecificCharacterSet = 0x0008_0005;
    public const uint ImageType = 0x0008_0008;
    public const uint SopClassUid = 0x0008_0016;
    public const uint SopInstanceUid = 0x0008_0018;
    public const uint StudyDate = 0x0008_0020;
    public const uint StudyTime = 0x0008_0030;
    public const uint AccessionNumber = 0x0008_0050;
    public const uint Modality = 0x0008_0060;
    public const uint ReferringPhysicianName = 0x0008_0090;
    public const uint StudyDescription = 0x0008_1030;
    public const uint ReferencedImageSequence = 0x0008_1140;
    public const uint PatientName = 0x0010_0010;
    public const uint PatientId = 0x0010_0020;
    public const uint OtherPatientNames = 0x0010_1001;
    public const uint PatientWeight = 0x0010_1030;
    public const uint StudyInstanceUid = 0x0020_000D;
    public const uint SeriesInstanceUid = 0x0020_000E;
    public const uint InstanceNumber = 0x0020_0013;
    public const uint ImagePositionPatient = 0x0020_0032;
    public const uint SamplesPerPixel = 0x0028_0002;
    public const uint PhotometricInterpretation = 0x0028_0004;
    public const uint PlanarConfiguration = 0x0028_0006;
    public const uint NumberOfFrames = 0x0028_0008;
    public const uint Rows = 0x0028_0010;
    public const uint Columns = 0x0028_0011;
    public const uint BitsAllocated = 0x0028_0100;
    public const uint BitsStored = 0x0028_0101;
    public const uint HighBit = 0x0028_0102;
    public const uint PixelRepresentation = 0x0028_0103;
    public const uint ContentSequence = 0x0040_A730;
    public const uint TextValue = 0x0040_A160;
    public const uint ExtendedOffsetTable = 0x7FE0_0001;
    public const uint ExtendedOffsetTableLengths = 0x7FE0_0002;
    public const uint FloatPixelData = 0x7FE0_0008;
    public const uint DoubleFloatPixelData = 0x7FE0_0009;
    public const uint PixelData = 0x7FE0_0010;
    public const uint DataSetTrailingPadding = 0xFFFC_FFFC;
    public const uint Item = 0xFFFE_E000;
    public const uint ItemDelimitation = 0xFFFE_E00D;
    public const uint SequenceDelimitation = 0xFFFE_E0DD;
}

/// <summary>Transfer syntax UIDs that the test files use.</summary>
public static class Syntax
{
    public const string ImplicitLittle = "1.2.840.10008.1.2";
    public const string ExplicitLittle = "1.2.840.10008.1.2.1";
    public const string Deflated = "1.2.840.10008.1.2.1.99";
    public const string ExplicitBig = "1.2.840.10008.1.2.2";
    public const string JpegBaseline = "1.2.840.10008.1.2.4.50";
    public const string JpegLossless = "1.2.840.10008.1.2.4.70";
    public const string JpegLs = "1.2.840.10008.1.2.4.80";
    public const string Jpeg2000 = "1.2.840.10008.1.2.4.90";
    public const string Mpeg2 = "1.2.840.10008.1.2.4.100";
    public const string HighThroughputJpeg2000 = "1.2.840.10008.1.2.4.201";
    public const string Rle = "1.2.840.10008.1.2.5";
    public const string EncapsulatedUncompressed = "1.2.840.10008.1.2.1.98";

    public static Wire WireOf(string uid) => uid switch
    {
        ImplicitLittle => Wire.ImplicitLittle,
        ExplicitBig => Wire.ExplicitBig,
        _ => Wire.ExplicitLittle,
    };
}
