using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Events;

/// <summary>The storage spaces that this process knows.</summary>
public interface IStorageSpaces
{
    /// <summary>Returns how to reach a storage space, or <see cref="StorageSpace.Unknown"/> if that is not configured.</summary>
    /// <remarks>The addresses of another space would lead to other content under the same UIDs.</remarks>
    StorageSpace Find(ProviderName provider);
}

/// <summary>How to reach a storage space. It is looked up when an event is delivered, because addresses change and events do not.</summary>
/// <param name="BucketName">The bucket, or the folder of the object store.</param>
/// <param name="WadoInternalEndpoint">The WADO-RS root inside the cluster, without a slash at its end.</param>
/// <param name="WadoExternalEndpoint">The WADO-RS root for clients outside, without a slash at its end.</param>
public sealed record StorageSpace(string BucketName, string WadoInternalEndpoint, string WadoExternalEndpoint)
{
    /// <summary>An unconfigured one: addresses in its events are relative to its WADO-RS root.</summary>
    public static StorageSpace Unknown { get; } = new("", "", "");
}
