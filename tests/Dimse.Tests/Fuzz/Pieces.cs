using System.Buffers;

namespace ImagingIngestion.Dimse.Tests.Fuzz;

/// <summary>The same bytes as they come from a pipe: in more than one segment.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    private Pieces(ReadOnlyMemory<byte> memory, long before)
    {
        Memory = memory;
        RunningIndex = before;
    }

    /// <param name="bytes">All of them.</param>
    /// <param name="size">Bytes of a segment.</param>
    public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes, int size)
    {
        Pieces first = new(bytes[..Math.Min(size, bytes.Length)], 0);
        Pieces last = first;
        for (int offset = first.Memory.Length; offset < bytes.Length; offset += size)
        {
            Pieces next = new(bytes.Slice(offset, Math.Min(size, bytes.Length - offset)), offset);
            last.Next = next;
            last = next;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}
