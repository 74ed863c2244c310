using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Storage.Folder;

/// <summary>
/// Where the folder store keeps what: objects at their keys, uploads in a folder that no key can name because it begins with a dot.
/// </summary>
internal sealed class FolderLayout(string root)
{
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>On the same file system as the objects, so that an upload can be renamed to its key.</summary>
    public string Uploads => Path.Combine(Root, ".uploads");

    public string PathOf(ObjectKey key)
        => key.IsDefault
            ? throw new ArgumentException("The key names nothing.", nameof(key))
            : Path.Combine(Root, key.Value.Replace('/', Path.DirectorySeparatorChar));

    public string NewUploadPath() => Path.Combine(Uploads, Guid.NewGuid().ToString("N") + ".tmp");

    /// <summary>The key of a file below the root; false for files that are not ours.</summary>
    public bool TryGetKey(string path, out ObjectKey key)
    {
        string text = Path.GetRelativePath(Root, path).Replace(Path.DirectorySeparatorChar, '/');
        bool valid = ObjectKey.IsValid(text);
        key = valid ? new ObjectKey(text) : default;
        return valid;
    }
}
