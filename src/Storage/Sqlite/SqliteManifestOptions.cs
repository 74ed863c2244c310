namespace ImagingIngestion.Storage.Sqlite;

/// <summary>How a manifest database is opened.</summary>
/// <param name="Path">The file.</param>
public sealed record SqliteManifestOptions(string Path)
{
    /// <summary>It is opened to take instances in: no other process may do the same. A command that looks at it opens it beside.</summary>
    public bool Serves { get; init; }

    /// <summary>The folder of the objects, where they are kept in one: an empty manifest is refused beside objects of another installation.</summary>
    public string? ObjectsFolder { get; init; }

    /// <summary>An empty manifest beside objects of others is meant.</summary>
    public bool BeginsAnew { get; init; }
}
