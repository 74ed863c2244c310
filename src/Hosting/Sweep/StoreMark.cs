using System.Text;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Hosting.Sweep;

/// <summary>
/// Tells whether the object store is the one in which the manifest's instances are: an object that only that store has, and whose name the
/// manifest keeps. Where a volume is not mounted, or a process has another bucket, each process would acknowledge what the others cannot
/// find.
/// </summary>
public sealed class StoreMark(ISweepLedger ledger, IObjectStore objects, ProviderName space)
{
    /// <summary>Of a manifest of an earlier version, which knows no mark: so many of its objects are looked for.</summary>
    private const int ObjectsToLookFor = 20;

    private const string Missing =
        "the object store has no mark of this installation, so that instances which the manifest names are not in it. Is it the right "
            + "folder"
        + " (IMAGING__STORAGE__OBJECTS) or bucket (BUCKET_NAME), and mounted? If its objects were moved there, run the command check with "
        + "--arm.";

    private readonly string _folder = ObjectPath.FolderOf(ledger.InstallationId, space) + "_installation/";
    private volatile string? _name;

    /// <summary>Looks for the mark at the start of a process; in a new installation the first process that stores makes it.</summary>
    /// <param name="writes">Whether the process stores.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ObjectStoreException">
    /// The mark is not there: this is another object store. Or the store cannot be asked.
    /// </exception>
    /// <exception cref="ManifestUnavailableException">The manifest cannot be asked.</exception>
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

    /// <summary>Takes this store for the right one, because an operator says so.</summary>
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

    /// <summary>Returns what is wrong, null while the mark is there, or none was made.</summary>
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
    /// <exception cref="ObjectStoreException">It would not.</exception>
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

    /// <summary>Of two processes that make one at the same time the first one counts: the other looks for that in its own store.</summary>
    private async Task MakeAsync(CancellationToken cancellationToken)
    {
        string name = Guid.NewGuid().ToString("N");
        try
        {
            await WriteAsync(name, cancellationToken);
        }
        catch (ObjectStoreException error) when (error.Fault is ObjectStoreFault.Full or ObjectStoreFault.ReadOnly)
        {
            // What is stored can be had; the next start makes it.
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
    /// True in a store that has anything of this installation, or some of the manifest's first objects; and where there are none.
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
