namespace ImagingIngestion.TestData;

/// <summary>The three ways to write a data element (PS3.5 section 7.1).</summary>
public enum Wire
{
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
}
