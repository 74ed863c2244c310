namespace ImagingIngestion.Grains.Cluster;

/// <summary>The version that every call and answer begins with.</summary>
internal static class WireVersion
{
    /// <exception cref="InvalidDataException">It is another one than this process understands.</exception>
    public static void Check(byte version)
    {
        if (version != GrainCallLimits.Version)
        {
            throw new InvalidDataException(
                $"It is of version {version}, this process understands version {GrainCallLimits.Version}: run releases that differ by one "
                    + "step at most, and update the silos first.");
        }
    }
}
