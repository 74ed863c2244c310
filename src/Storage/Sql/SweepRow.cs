using System.Data.Common;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Reads what the sweeper asks for.</summary>
internal static class SweepRow
{
    /// <summary>The columns of the table <c>instance i</c>.</summary>
    public const string NamedColumns = "i.study_id, i.series_id, i.sort_number, i.id, i.object_key, i.object_length";

    /// <summary>Reads the last change, then epoch, nonce, covered change and time of the sweep before.</summary>
    /// <remarks>These are NULL in a space that was never swept.</remarks>
    public static SweepState State(DbDataReader row, int first, long now)
    {
        bool isNew = row.IsDBNull(first + 1);
        return new SweepState
        {
            Now = ColumnTime.FromColumn(now),
            LastChange = row.GetInt64(first),
            Epoch = isNew ? 0 : row.GetInt64(first + 1),
            Nonce = isNew ? "" : row.GetString(first + 2),
            CoveredChange = isNew ? 0 : row.GetInt64(first + 3),
            SweptAt = ColumnTime.FromColumn(isNew ? now : row.GetInt64(first + 4)),
        };
    }

    public static NamedObject Named(DbDataReader rows)
        => new(
            (rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3)), new ObjectKey(rows.GetString(4)), rows.GetInt64(5));
}

/// <summary>Keys of objects, grouped by how the row that names one is found.</summary>
/// <remarks>Most keys hold the identity of their instance; the others are looked up themselves.</remarks>
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

    /// <summary>Keys that this program never makes, or not in this space.</summary>
    public HashSet<ObjectKey> Foreign { get; } = [];

    /// <summary>Returns the first text after all texts that begin with the prefix, in the order of code points.</summary>
    public static string EndOf(string prefix)
        => prefix.EndsWith('/')
            ? prefix[..^1] + (char)('/' + 1)
            : throw new ArgumentException("A prefix of keys ends with a slash.", nameof(prefix));
}
