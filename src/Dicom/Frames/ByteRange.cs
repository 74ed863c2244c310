namespace ImagingIngestion.Dicom.Frames;

/// <summary>A range of the data set bytes.</summary>
public readonly record struct ByteRange(long Offset, long Length)
{
    public long End => Offset + Length;
}
