namespace ImagingIngestion.Manifest.State;

/// <summary>The row of the manifest that keeps an attribute (PS3.3 annex A: the information entity of its module).</summary>
public enum AttributeLevel
{
    /// <summary>Patient and study.</summary>
    Study,

    Series,

    Instance,
}
