using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Events;

/// <summary>The storage spaces that this process knows.</summary>
public interface IStorageSpaces
{
    /// <summary>
    /// How to reach a storage space; <see cref="StorageSpace.Unknown"/> where that is not configured, because the addresses of another
    /// space lead to other content under the same UIDs.
    /// </summary>
    StorageSpace Find(ProviderName provider);
}

/// <summary>How a storage space is reached: worked out when an event is delivered, because addresses change and events do not.</summary>
/// <param name="BucketName">The bucket, or the folder of the object store.</param>
/// <param name="WadoInternalEndpoint">The WADO-RS root inside the cluster, without a slash at its end.</param>
/// <param name="WadoExternalEndpoint">The WADO-RS root as clients outside reach it, without a slash at its end.</param>
public sealed record StorageSpace(string BucketName, string WadoInternalEndpoint, string WadoExternalEndpoint)
{
    /// <summary>One that nobody has told of: addresses in its events are relative to its WADO-RS root.</summary>
    public static StorageSpace Unknown { get; } = new("", "", "");
}
