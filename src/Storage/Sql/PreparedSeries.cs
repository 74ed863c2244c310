using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.Sql;

/// <summary>A series row ready to write.</summary>
internal sealed class PreparedSeries(SeriesState series)
{
    public SeriesState State { get; } = series;

    public byte[] Attributes { get; } = AttributeJson.Write(series.Attributes);

    public string? Modalities { get; } = SearchIndexValues.Modalities(series.Modalities);

    /// <summary>In the order of <see cref="SearchIndexValues.Columns"/>.</summary>
    public object?[] IndexValues { get; } = SearchIndexValues.Read(SearchLevel.Series, series.Attributes);
}
