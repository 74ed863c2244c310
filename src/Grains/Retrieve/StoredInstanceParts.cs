namespace ImagingIngestion.Grains;

/// <summary>Which blobs of an instance a retrieve needs.</summary>
[Flags]
public enum StoredInstanceParts
{
    None = 0,
    Metadata = 1,
    Layout = 2,
}
