using ImagingIngestion.Manifest.Ports;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Manifest.Objects;

/// <summary>Looks at the objects that rows name, because a row is no proof of its object.</summary>
public static class ObjectLook
{
    /// <summary>What shows of the object of a row without reading it; a flagged one counts as damaged in its content.</summary>
    /// <exception cref="ObjectStoreException">The store cannot tell now, which says nothing of the object.</exception>
    public static async Task<Damage> LookAsync(this IObjectStore objects, InstanceState instance, CancellationToken cancellationToken)
        => instance.IsDamaged ? Damage.Content
            : await objects.FindAsync(instance.Object, cancellationToken) is not { } found ? Damage.Missing
            : found.Length != instance.ObjectLength ? Damage.Length
            : Damage.None;
}
