namespace ImagingIngestion.Load.Scenarios;

/// <summary>How a large header is read.</summary>
public enum HeaderRead
{
    /// <summary><c>/metadata</c> in JSON.</summary>
    Json,

    /// <summary><c>/metadata</c> in XML.</summary>
    Xml,

    /// <summary>A search with <c>includefield=all</c>.</summary>
    Search,

    /// <summary>The instance in another transfer syntax.</summary>
    Transcoded,
}
