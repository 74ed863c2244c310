using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Keys of objects, parted by how the row that names one is found: by the identity in the key, or by the key itself.</summary>
internal sealed class SweepKeys
{
    public SweepKeys(ProviderName space, IReadOnlyCollection<ObjectKey> keys)
    {
        foreach (ObjectKey key in keys)
        {
            ObjectPath? path = ObjectPath.Parse(key);
            if (path is null || path.Space != space)
            {
                Foreign.Add(key);
            }
            else if (path.Uids is { } uids)
            {
                Identified.Add((uids.Study, uids.Series, uids.Sop, key.Value));
            }
            else
            {
                Unnamed.Add(key.Value);
            }
        }
    }

    public List<(string Study, string Series, string Sop, string Key)> Identified { get; } = [];

    public List<string> Unnamed { get; } = [];

    /// <summary>Those that this program never makes, or not in this space.</summary>
    public HashSet<ObjectKey> Foreign { get; } = [];

    /// <summary>The first text behind all that begin with the prefix, in the order of code points.</summary>
    public static string EndOf(string prefix)
        => prefix.EndsWith('/')
            ? prefix[..^1] + (char)('/' + 1)
            : throw new ArgumentException("A prefix of keys ends with a slash.", nameof(prefix));
}
