namespace ImagingIngestion.Gateways.Http;

/// <summary>How a Range header is answered.</summary>
public enum HttpRangeKind
{
    /// <summary>200 with everything.</summary>
    Whole,

    /// <summary>206 with the range.</summary>
    Partial,

    /// <summary>416: the range begins after the end.</summary>
    Unsatisfiable,
}
