namespace ImagingIngestion.Manifest.Search;

/// <summary>How values of an indexed attribute are normalised and matched (PS3.4 C.2.2.2).</summary>
public enum SearchAttributeKind
{
    /// <summary>Text matched with its case, composed and trimmed; one of its values.</summary>
    Text,

    /// <summary>PN: each component group matched on its own, without case; one of its values.</summary>
    PersonName,

    /// <summary>DA as yyyyMMdd.</summary>
    Date,

    /// <summary>TM as HHmmss.ffffff, missing parts as zeros.</summary>
    Time,

    /// <summary>UI.</summary>
    Uid,

    /// <summary>IS, matched as a number.</summary>
    Integer,
}
