using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Manifest.State;

namespace ImagingIngestion.Storage.Sql;

/// <summary>An instance row and its content ready to write.</summary>
internal sealed class PreparedInstance(InstanceChange change)
{
    /// <summary>Stands after every Instance Number that can be sent.</summary>
    private const long NoNumber = long.MaxValue;

    public InstanceState State { get; } = change.State;

    public byte[] Attributes { get; } = AttributeJson.Write(change.Content.Attributes);

    public object? InstanceNumber { get; } = SearchIndexValues.Read(SearchLevel.Instance, change.Content.Attributes)[0];

    public long SortNumber => InstanceNumber is long number ? number : NoNumber;

    public byte[] Hash { get; } = Convert.FromHexString(change.State.Hash.Hex);

    public long? Checksum { get; } = change.State.ObjectChecksum is { } checksum ? unchecked((long)checksum) : null;

    /// <summary>As it came: a large one is not copied.</summary>
    public ReadOnlyMemory<byte> Metadata => change.Content.Metadata;

    public ReadOnlyMemory<byte> Layout => change.Content.Layout;
}
