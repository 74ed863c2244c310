namespace ImagingIngestion.Manifest.Deliveries;

/// <summary>Where a binding begins when it is first seen.</summary>
public enum BindingStart
{
    /// <summary>With the next event.</summary>
    Now,

    /// <summary>With everything that the manifest holds, then the log from there on; a binding that keeps every event begins with the oldest one that is kept.</summary>
    Beginning,
}
