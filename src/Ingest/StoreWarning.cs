namespace ImagingIngestion.Ingest;

/// <summary>What was odd about an instance that was stored: WarningReason (0008,1196) and DIMSE warning status.</summary>
public enum StoreWarning : ushort
{
    /// <summary>What is stored under this identity differs from what was sent: the first content was kept by policy.</summary>
    Coercion = 0xB000,

    /// <summary>Elements are stored but not shown by searches and metadata: repeated ones, bytes after the end, elements of file meta information.</summary>
    ElementsDiscarded = 0xB006,

    /// <summary>The data set is not encoded as it says, or has values that the standard does not allow.</summary>
    DataSetMismatch = 0xB007,
}
