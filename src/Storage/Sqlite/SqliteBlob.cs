using System.Runtime.InteropServices;

namespace ImagingIngestion.Storage;

/// <summary>Memory as the database library takes it.</summary>
internal static class SqliteBlob
{
    /// <summary>The library takes arrays only; memory that is a whole array is not copied.</summary>
    public static byte[] Bytes(ReadOnlyMemory<byte> memory)
        => MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : memory.ToArray();
}
