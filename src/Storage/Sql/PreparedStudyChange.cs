using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.Sql;

/// <summary>A change with everything worked out that needs no database.</summary>
/// <remarks>
/// The caller's thread serialises and normalises it, so that the writer only writes. For a change that closes a revision only the events
/// are worked out.
/// </remarks>
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

    /// <summary>Differs from the digest of the stored row if the attributes, or a column that an index holds, have changed.</summary>
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

/// <summary>A series row ready to write.</summary>
internal sealed class PreparedSeries(SeriesState series)
{
    public SeriesState State { get; } = series;

    public byte[] Attributes { get; } = AttributeJson.Write(series.Attributes);

    public string? Modalities { get; } = SearchIndexValues.Modalities(series.Modalities);

    /// <summary>In the order of <see cref="SearchIndexValues.Columns"/>.</summary>
    public object?[] IndexValues { get; } = SearchIndexValues.Read(SearchLevel.Series, series.Attributes);
}

/// <summary>An instance row and its content ready to write.</summary>
internal sealed class PreparedInstance(InstanceChange change)
{
    /// <summary>Sorts after every Instance Number that can be sent.</summary>
    private const long NoNumber = long.MaxValue;

    public InstanceState State { get; } = change.State;

    public byte[] Attributes { get; } = AttributeJson.Write(change.Content.Attributes);

    public object? InstanceNumber { get; } = SearchIndexValues.Read(SearchLevel.Instance, change.Content.Attributes)[0];

    public long SortNumber => InstanceNumber is long number ? number : NoNumber;

    public byte[] Hash { get; } = Convert.FromHexString(change.State.Hash.Hex);

    public long? Checksum { get; } = change.State.ObjectChecksum is { } checksum ? unchecked((long)checksum) : null;

    /// <summary>The bytes as they came: a large value is not copied.</summary>
    public ReadOnlyMemory<byte> Metadata => change.Content.Metadata;

    public ReadOnlyMemory<byte> Layout => change.Content.Layout;
}

/// <summary>An event row ready to write, except for its study and its time.</summary>
internal sealed class PreparedEvent(EventDraft draft)
{
    /// <summary>Separates and encloses the values of a column that holds several; no value of Modality (0008,0060) contains it.</summary>
    public const char Delimiter = '\\';

    public object Type { get; } = (long)draft.Type;

    public string? Series { get; } = draft.Instance?.Series.Value;

    public string? Sop { get; } = draft.Instance?.Sop.Value;

    public object? Change { get; } = draft.Change is { } change ? (long)change : null;

    public object? Revision { get; } = draft.Revision;

    public string? Modalities { get; } = draft.Modalities.Count == 0
        ? null
        : $"{Delimiter}{string.Join(Delimiter, draft.Modalities)}{Delimiter}";

    public string? CallingAeTitle { get; } = draft.CallingAeTitle;

    public string? Object { get; } = draft.Object?.Value;

    /// <summary>Null if there are none: the row of a revision holds the data of the revision.</summary>
    public byte[]? Data { get; } = draft.Data.IsEmpty ? null : ColumnBytes.Of(draft.Data);
}
