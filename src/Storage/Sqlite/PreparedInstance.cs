using System.Runtime.InteropServices;
using ImagingIngestion.Grains;

namespace ImagingIngestion.Storage;

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

    public byte[] Metadata { get; } = Bytes(change.Content.Metadata);

    public byte[] Layout { get; } = Bytes(change.Content.Layout);

    /// <summary>The database library takes arrays only; memory that is a whole array is not copied.</summary>
    private static byte[] Bytes(ReadOnlyMemory<byte> memory)
        => MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();
}
