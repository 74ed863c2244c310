namespace ImagingIngestion.Ingest;

/// <summary>Where memory came from.</summary>
public enum HeaderGrant
{
    None,
    Pool,
    Reserve,
}
