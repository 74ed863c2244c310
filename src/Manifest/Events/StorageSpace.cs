namespace ImagingIngestion.Manifest.Events;

/// <summary>How a storage space is reached: worked out when an event is delivered, because addresses change and events do not.</summary>
/// <param name="BucketName">The bucket, or the folder of the object store.</param>
/// <param name="WadoInternalEndpoint">The WADO-RS root inside the cluster, without a slash at its end.</param>
/// <param name="WadoExternalEndpoint">The WADO-RS root as clients outside reach it, without a slash at its end.</param>
public sealed record StorageSpace(string BucketName, string WadoInternalEndpoint, string WadoExternalEndpoint)
{
    /// <summary>One that nobody has told of: addresses in its events are relative to its WADO-RS root.</summary>
    public static StorageSpace Unknown { get; } = new("", "", "");
}
