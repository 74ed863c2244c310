using ImagingIngestion.Dicom.Dictionary;

namespace ImagingIngestion.Dicom.Frames;

/// <summary>The tags that structure data sets and pixel data (PS3.5 sections 7.5 and 8).</summary>
internal static class PixelDataTags
{
    public static readonly DicomTag Item = new(0xFFFE, 0xE000);
    public static readonly DicomTag ItemDelimitation = new(0xFFFE, 0xE00D);
    public static readonly DicomTag SequenceDelimitation = new(0xFFFE, 0xE0DD);
    public static readonly DicomTag PixelData = new(0x7FE0, 0x0010);
    public static readonly DicomTag FloatPixelData = new(0x7FE0, 0x0008);
    public static readonly DicomTag DoubleFloatPixelData = new(0x7FE0, 0x0009);
    public static readonly DicomTag ExtendedOffsetTable = new(0x7FE0, 0x0001);
    public static readonly DicomTag ExtendedOffsetTableLengths = new(0x7FE0, 0x0002);

    /// <summary>The three elements that hold the frames of an image.</summary>
    public static bool IsPixelData(DicomTag tag) => tag == PixelData || tag == FloatPixelData || tag == DoubleFloatPixelData;
}
