using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Storage.Folder;

/// <summary>The places in the folder of the store: objects at their keys, uploads in a folder of their own.</summary>
/// <remarks>No key can name that folder, because its name begins with a dot.</remarks>
internal sealed class FolderLayout(string root)
{
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>Lies on the same file system as the objects, so that an upload can be renamed to its key.</summary>
    public string Uploads => Path.Combine(Root, ".uploads");

    public string PathOf(ObjectKey key)
        => key.IsDefault
            ? throw new ArgumentException("The key names nothing.", nameof(key))
            : Path.Combine(Root, key.Value.Replace('/', Path.DirectorySeparatorChar));

    public string NewUploadPath() => Path.Combine(Uploads, Guid.NewGuid().ToString("N") + ".tmp");

    /// <summary>Gets the key of a file below the root; returns false for files that are not ours.</summary>
    public bool TryGetKey(string path, out ObjectKey key)
    {
        string text = Path.GetRelativePath(Root, path).Replace(Path.DirectorySeparatorChar, '/');
        bool valid = ObjectKey.IsValid(text);
        key = valid ? new ObjectKey(text) : default;
        return valid;
    }
}
