using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.Sql;

/// <summary>
/// A change with everything worked out that needs no database: serialised and normalised on the caller's thread, so that the writer only
/// writes. Of a change that closes a revision only its events are.
/// </summary>
internal sealed class PreparedStudyChange
{
    public PreparedStudyChange(StudyChange change)
    {
        Change = change;
        Events = [.. change.Events.Select(content => new PreparedEvent(content))];
        if (change.Closing is not null)
        {
            return;
        }

        Attributes = AttributeJson.Write(change.After.Attributes);
        Modalities = SearchIndexValues.Modalities(change.After.Modalities);
        IndexValues = SearchIndexValues.Read(SearchLevel.Study, change.After.Attributes);
        SearchDigest = Digest(Attributes, Modalities, IsVisible);
        Series = [.. change.ChangedSeries.Select(series => new PreparedSeries(series))];
        Instances = [.. change.StoredInstances.Select(instance => new PreparedInstance(instance))];
    }

    public StudyChange Change { get; }

    public byte[] Attributes { get; } = [];

    public string? Modalities { get; }

    /// <summary>In the order of <see cref="SearchIndexValues.Columns"/>.</summary>
    public object?[] IndexValues { get; } = [];

    /// <summary>A study without instances is a tombstone that no search shows.</summary>
    public bool IsVisible => Change.After.InstanceCount > 0;

    /// <summary>Tells whether the columns that indexes hold, and the attributes, have changed since the stored row.</summary>
    public long SearchDigest { get; }

    public IReadOnlyList<PreparedSeries> Series { get; } = [];

    public IReadOnlyList<PreparedInstance> Instances { get; } = [];

    public IReadOnlyList<PreparedEvent> Events { get; }

    private static long Digest(byte[] attributes, string? modalities, bool isVisible)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(attributes);
        hash.AppendData(Encoding.UTF8.GetBytes(modalities ?? ""));
        hash.AppendData([isVisible ? (byte)1 : (byte)0]);
        return BinaryPrimitives.ReadInt64LittleEndian(hash.GetHashAndReset());
    }
}
