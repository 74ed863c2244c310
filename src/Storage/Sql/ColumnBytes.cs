using System.Runtime.InteropServices;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Memory as the database libraries take it.</summary>
internal static class ColumnBytes
{
    /// <summary>They take arrays only; memory that is a whole array is not copied.</summary>
    public static byte[] Of(ReadOnlyMemory<byte> memory)
        => MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment)
            && segment.Offset == 0
            && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();
}
