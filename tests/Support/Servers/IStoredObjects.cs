namespace ImagingIngestion.Tests;

/// <summary>What lies in the object store of a server, seen from outside.</summary>
internal interface IStoredObjects
{
    /// <summary>Instances that are there whole, whether or not the manifest names them.</summary>
    Task<int> CountInstancesAsync();

    /// <summary>Uploads that are neither complete nor given up: files on their way, or multipart uploads.</summary>
    Task<int> CountUploadsAsync();
}
