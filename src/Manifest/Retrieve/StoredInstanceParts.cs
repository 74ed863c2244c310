namespace ImagingIngestion.Manifest.Retrieve;

/// <summary>Which blobs of an instance a retrieve needs.</summary>
[Flags]
public enum StoredInstanceParts
{
    None = 0,
    Metadata = 1,
    Layout = 2,

    /// <summary>Only the beginning of the layout, which tells how the data set is encoded.</summary>
    Encoding = 4,
}
