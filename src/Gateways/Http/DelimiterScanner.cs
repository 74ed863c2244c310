using System.Buffers;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Finds a short byte pattern in a buffer of many segments with the vectorised search of the runtime.</summary>
internal static class DelimiterScanner
{
    /// <summary>Longest pattern: CRLF, two hyphens and a boundary.</summary>
    public const int MaxPattern = MultipartReader.MaxBoundaryLength + 4;

    /// <summary>Offset of the first occurrence, -1 when there is none.</summary>
    public static long IndexOf(in ReadOnlySequence<byte> buffer, ReadOnlySpan<byte> pattern)
    {
        if (buffer.IsSingleSegment)
        {
            return buffer.FirstSpan.IndexOf(pattern);
        }

        int overlap = pattern.Length - 1;
        Span<byte> window = stackalloc byte[2 * MaxPattern];
        int tail = 0;
        long segmentStart = 0;
        foreach (ReadOnlyMemory<byte> memory in buffer)
        {
            ReadOnlySpan<byte> segment = memory.Span;
            if (tail > 0)
            {
                int head = Math.Min(overlap, segment.Length);
                segment[..head].CopyTo(window[tail..]);
                int crossing = window[..(tail + head)].IndexOf(pattern);
                if (crossing >= 0)
                {
                    return segmentStart - tail + crossing;
                }
            }

            int inside = segment.IndexOf(pattern);
            if (inside >= 0)
            {
                return segmentStart + inside;
            }

            tail = KeepTail(window, tail, segment, overlap);
            segmentStart += segment.Length;
        }

        return -1;
    }

    /// <summary>Leaves the last bytes before the next segment at the front of the window.</summary>
    private static int KeepTail(Span<byte> window, int tail, ReadOnlySpan<byte> segment, int overlap)
    {
        if (segment.Length >= overlap)
        {
            segment[^overlap..].CopyTo(window);
            return overlap;
        }

        int keep = Math.Min(tail, overlap - segment.Length);
        window.Slice(tail - keep, keep).CopyTo(window);
        segment.CopyTo(window[keep..]);
        return keep + segment.Length;
    }
}
