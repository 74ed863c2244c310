namespace ImagingIngestion.Tests;

/// <summary>The content of a server's stores, seen from outside.</summary>
internal interface IServerStores
{
    /// <summary>Counts the whole instances in the object store, whether or not the manifest names them.</summary>
    Task<int> CountInstancesAsync();

    /// <summary>Counts the uploads that are neither complete nor given up: files under way, or multipart uploads.</summary>
    Task<int> CountUploadsAsync();

    /// <summary>Returns whether the change feed shows all that was committed; PostgreSQL's is a moment behind.</summary>
    Task<bool> AreEventsNumberedAsync();

    /// <summary>The environment by which a process finds them.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Flips a bit in the middle of the object of an instance.</summary>
    Task FlipAsync(string sopInstanceUid);

    /// <summary>Leaves the first half of the object of an instance.</summary>
    Task CutAsync(string sopInstanceUid);

    /// <summary>Removes the object of an instance.</summary>
    Task RemoveAsync(string sopInstanceUid);

    /// <summary>Removes the objects of all instances.</summary>
    Task RemoveAllAsync();

    /// <summary>Ends the leases of deliveries, as half a minute does; no process may run.</summary>
    /// <remarks>The next process then need not wait for the leases of a dead one.</remarks>
    Task EndLeasesAsync();
}
