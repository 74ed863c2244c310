namespace ImagingIngestion.Tests;

/// <summary>What lies in the stores of a server, seen from outside.</summary>
internal interface IServerStores
{
    /// <summary>Instances that are in the object store whole, whether or not the manifest names them.</summary>
    Task<int> CountInstancesAsync();

    /// <summary>Uploads that are neither complete nor given up: files on their way, or multipart uploads.</summary>
    Task<int> CountUploadsAsync();

    /// <summary>Whether the change feed shows all that was committed; PostgreSQL's is a moment behind.</summary>
    Task<bool> AreEventsNumberedAsync();

    /// <summary>Environment by which a process finds them.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Flips a bit in the middle of the object of an instance.</summary>
    Task FlipAsync(string sopInstanceUid);

    /// <summary>Leaves the first half of the object of an instance.</summary>
    Task CutAsync(string sopInstanceUid);

    /// <summary>Removes the object of an instance.</summary>
    Task RemoveAsync(string sopInstanceUid);

    /// <summary>Removes the objects of all instances.</summary>
    Task RemoveAllAsync();

    /// <summary>
    /// Ends the leases of deliveries, as half a minute does; no process may run. Whoever starts next need not wait for those of the dead.
    /// </summary>
    Task EndLeasesAsync();
}
