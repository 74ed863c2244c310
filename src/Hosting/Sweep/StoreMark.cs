using System.Text;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>
/// Checks that the object store is the one with the manifest's instances, by a mark object whose name the manifest keeps.
/// </summary>
/// <remarks>On an unmounted volume or in another bucket, each process would acknowledge instances that the others cannot find.</remarks>
public sealed class StoreMark(ISweepLedger ledger, IObjectStore objects, ProviderName space)
{
    /// <summary>A manifest of an earlier version has no mark: so many of its objects are looked for.</summary>
    private const int ObjectsToLookFor = 20;

    private const string Missing =
        "the object store has no mark of this installation, so that instances which the manifest names are not in it. Is it the right "
            + "folder"
        + " (IMAGING__STORAGE__OBJECTS) or bucket (BUCKET_NAME), and mounted? If its objects were moved there, run the command check with "
        + "--arm.";

    private readonly string _folder = ObjectPath.FolderOf(ledger.InstallationId, space) + "_installation/";
    private volatile string? _name;

    /// <summary>Looks for the mark when a process starts; in a new installation the first process that stores creates it.</summary>
    /// <param name="writes">Whether the process stores instances.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="ObjectStoreException">
    /// The mark is missing, because this is another object store; or the store is not available.
    /// </exception>
    /// <exception cref="ManifestUnavailableException">The manifest is not available.</exception>
    public async Task OpenAsync(bool writes, CancellationToken cancellationToken)
    {
        string? name = await ledger.ReadStoreMarkAsync(space, cancellationToken);
        bool isRight = name is null ? await HoldsInstancesAsync(cancellationToken) : await IsThereAsync(name, cancellationToken);
        if (!isRight)
        {
            throw new ObjectStoreException(ObjectStoreFault.Unavailable, Missing);
        }

        if (name is null && writes)
        {
            await MakeAsync(cancellationToken);
        }
    }

    /// <summary>Accepts this store as the right one on an operator's order.</summary>
    /// <exception cref="ObjectStoreException">The mark cannot be written.</exception>
    public async Task AdoptAsync(CancellationToken cancellationToken)
    {
        if (await ledger.ReadStoreMarkAsync(space, cancellationToken) is not { } name)
        {
            await MakeAsync(cancellationToken);
        }
        else if (!await IsThereAsync(name, cancellationToken))
        {
            await WriteAsync(name, cancellationToken);
        }
    }

    /// <summary>Returns what is wrong; null if the mark exists, or none was created.</summary>
    /// <exception cref="ObjectStoreException">The store cannot be read.</exception>
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        _name ??= await ledger.ReadStoreMarkAsync(space, cancellationToken);
        bool isRight = _name is { } name
            ? await IsThereAsync(name, cancellationToken)
            : await objects.FindAsync(ObjectKey.Absent, cancellationToken) is null;
        return isRight ? null : Missing;
    }

    /// <summary>Asks the store whether it would take an object.</summary>
    /// <exception cref="ObjectStoreException">The store would not take one.</exception>
    public async Task TryWriteAsync(CancellationToken cancellationToken)
    {
        _name ??= await ledger.ReadStoreMarkAsync(space, cancellationToken);
        if (_name is { } name)
        {
            await objects.TryWriteAsync(KeyOf(name), Encoding.ASCII.GetBytes(name), cancellationToken);
        }
    }

    private ObjectKey KeyOf(string name) => new($"{_folder}store-{name}");

    private async Task<bool> IsThereAsync(string name, CancellationToken cancellationToken)
        => await objects.FindAsync(KeyOf(name), cancellationToken) is not null;

    /// <summary>Creates the mark.</summary>
    /// <remarks>If two processes create one at the same time, the first counts, and the other looks for that in its own store.</remarks>
    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        string name = Guid.NewGuid().ToString("N");
        try
        {
            await WriteAsync(name, cancellationToken);
        }
        catch (ObjectStoreException error) when (error.Fault is ObjectStoreFault.Full or ObjectStoreFault.ReadOnly)
        {
            // Stored instances remain readable; the next start creates the mark.
            return;
        }

        string registered = await ledger.RegisterStoreMarkAsync(space, name, cancellationToken);
        if (registered == name)
        {
            return;
        }

        await objects.DeleteAsync(KeyOf(name), cancellationToken);
        if (!await IsThereAsync(registered, cancellationToken))
        {
            throw new ObjectStoreException(ObjectStoreFault.Unavailable, Missing);
        }
    }

    private async Task WriteAsync(string name, CancellationToken cancellationToken)
    {
        await using IObjectUpload upload = await objects.BeginInstanceAsync(cancellationToken);
        upload.Key = KeyOf(name);
        await upload.WriteAsync(Encoding.ASCII.GetBytes(name), cancellationToken);
        await upload.CompleteAsync(cancellationToken);
    }

    /// <summary>
    /// Returns true if the store has anything of this installation, or one of the manifest's first objects, or if the manifest names none.
    /// </summary>
    private async Task<bool> HoldsInstancesAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<NamedObject> first = await ledger.ListNamedAsync(space, default, ObjectsToLookFor, cancellationToken);
        if (first.Count == 0)
        {
            return true;
        }

        await foreach (StoredObject _ in objects.ListAsync(ObjectPath.FolderOf(ledger.InstallationId, space), cancellationToken))
        {
            return true;
        }

        foreach (NamedObject named in first)
        {
            if (await objects.FindAsync(named.Key, cancellationToken) is not null)
            {
                return true;
            }
        }

        return false;
    }
}
