namespace ImagingIngestion.Bindings.Grain;

/// <summary>What a call says of its target.</summary>
internal enum CallVerdict
{
    /// <summary>It answered, whatever it made of what was sent.</summary>
    Works,

    /// <summary>It does not work.</summary>
    Fault,

    /// <summary>It was not called.</summary>
    Unknown,
}
