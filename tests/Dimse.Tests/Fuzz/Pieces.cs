using System.Buffers;

namespace ImagingIngestion.Dimse.Tests.Fuzz;

/// <summary>Bytes in several segments, as a pipe delivers them.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    private Pieces(ReadOnlyMemory<byte> memory, long before)
    {
        Memory = memory;
        RunningIndex = before;
    }

    /// <param name="bytes">All bytes of the sequence.</param>
    /// <param name="size">The length of a segment.</param>
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
