namespace ImagingIngestion.Manifest.Search;

/// <summary>The level of the resources that a search returns (PS3.18 section 10.6).</summary>
public enum SearchLevel
{
    Study,
    Series,
    Instance,
}
