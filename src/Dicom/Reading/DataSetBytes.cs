namespace ImagingIngestion.Dicom.Reading;

/// <summary>The data set bytes that became known with a block, in order: those held back until the head was read, then those of the block.</summary>
public readonly record struct DataSetBytes(ReadOnlyMemory<byte> Held, ReadOnlyMemory<byte> Block);
