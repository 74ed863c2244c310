namespace ImagingIngestion.Load.Generator;

/// <summary>The numbers that the UIDs and attributes of one generated instance follow from.</summary>
/// <param name="Study">Number of the study; the series has the same.</param>
/// <param name="Instance">Number of the instance over all studies of the run.</param>
/// <param name="InstanceNumber">Number within the series.</param>
public readonly record struct InstanceIdentity(long Study, long Instance, int InstanceNumber)
{
    /// <summary>Spreads instances over studies of equal size.</summary>
    public static InstanceIdentity FromIndex(long index, int instancesPerStudy)
        => new(index / instancesPerStudy, index, (int)(index % instancesPerStudy) + 1);
}
