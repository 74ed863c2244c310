namespace ImagingIngestion.Dicom.Frames;

/// <summary>A fragment of encapsulated pixel data: its bytes without the item header, and its first two bytes, which tell the start of a code stream.</summary>
internal record struct Fragment(long Offset, uint Length, ushort Head)
{
    public readonly long ItemOffset => Offset - 8;
}
