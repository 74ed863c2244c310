namespace ImagingIngestion.Gateways.Cluster;

/// <summary>Why a silo is not believed, in words for the log.</summary>
internal static class SiloReasons
{
    public const string KeyRefused = "it does not hold the same cluster key";
    public const string NotSealed = "its answer is not under the seal of this cluster";
    public const string TooLate = "no time is left";
}
