using System.Buffers;

namespace ImagingIngestion.Gateways.Http;

/// <summary>Distinguishes delimiter lines from part bytes that only look like one (RFC 2046 section 5.1.1).</summary>
/// <remarks>After the boundary of a delimiter line come hyphens, or blanks and a line end.</remarks>
internal static class MultipartBoundary
{
    /// <summary>Blanks that a gateway may have added after a boundary (transport padding).</summary>
    private const int MaxPadding = 64;

    /// <summary>Returns whether the pattern and the end of a delimiter line stand at the offset.</summary>
    public static BoundaryMatch Match(in ReadOnlySequence<byte> buffer, long offset, ReadOnlySpan<byte> pattern, bool ended)
    {
        Span<byte> bytes = stackalloc byte[DelimiterScanner.MaxPattern];
        int available = (int)Math.Min(pattern.Length, buffer.Length - offset);
        buffer.Slice(offset, available).CopyTo(bytes);
        if (!bytes[..available].SequenceEqual(pattern[..available]))
        {
            return BoundaryMatch.None;
        }

        return available < pattern.Length
            ? ended ? BoundaryMatch.None : BoundaryMatch.NeedsMore
            : MatchEnd(buffer.Slice(offset + available), ended, out _);
    }

    /// <summary>Reads what follows a boundary up to the end of its line.</summary>
    /// <param name="rest">The bytes after the boundary.</param>
    /// <param name="ended">The body has ended.</param>
    /// <param name="length">Bytes up to the end of the line, or after the two hyphens.</param>
    public static BoundaryMatch MatchEnd(in ReadOnlySequence<byte> rest, bool ended, out long length)
    {
        Span<byte> bytes = stackalloc byte[MaxPadding + 2];
        int available = (int)Math.Min(bytes.Length, rest.Length);
        rest.Slice(0, available).CopyTo(bytes);
        bytes = bytes[..available];
        length = 0;
        if (bytes.StartsWith("--"u8))
        {
            length = 2;
            return BoundaryMatch.Closing;
        }

        int padding = 0;
        while (padding < bytes.Length && bytes[padding] is (byte)' ' or (byte)'\t')
        {
            padding++;
        }

        ReadOnlySpan<byte> lineEnd = bytes[padding..];
        if (lineEnd.StartsWith("\r\n"u8) || lineEnd.StartsWith("\n"u8))
        {
            length = padding + (lineEnd[0] == '\r' ? 2 : 1);
            return BoundaryMatch.Delimiter;
        }

        bool undecided = padding <= MaxPadding
            && (lineEnd.IsEmpty || lineEnd.SequenceEqual("\r"u8) || (padding == 0 && lineEnd.SequenceEqual("-"u8)));
        if (!undecided)
        {
            return BoundaryMatch.None;
        }

        // A body that stops right after a boundary ended the part before it.
        length = available;
        return ended ? BoundaryMatch.Delimiter : BoundaryMatch.NeedsMore;
    }

    /// <summary>Looks for the first boundary at the start of a line.</summary>
    /// <param name="buffer">The body so far.</param>
    /// <param name="dashBoundary">The two hyphens and the boundary.</param>
    /// <param name="lineStart">The buffer begins at the start of a line.</param>
    /// <param name="ended">The body has ended.</param>
    /// <param name="offset">The place of the boundary, or the number of bytes that surely precede it.</param>
    public static BoundaryMatch FindInPreamble(
        in ReadOnlySequence<byte> buffer, ReadOnlySpan<byte> dashBoundary, bool lineStart, bool ended, out long offset)
    {
        offset = 0;
        BoundaryMatch match = lineStart ? Match(buffer, 0, dashBoundary, ended) : BoundaryMatch.None;
        SequencePosition position = buffer.Start;
        while (match == BoundaryMatch.None)
        {
            if (buffer.Slice(position).PositionOf((byte)'\n') is not { } lineFeed)
            {
                offset = buffer.Length;
                return ended || offset > 0 ? BoundaryMatch.None : BoundaryMatch.NeedsMore;
            }

            long before = buffer.Slice(0, lineFeed).Length;
            position = buffer.GetPosition(1, lineFeed);
            match = Match(buffer, before + 1, dashBoundary, ended);
            offset = match == BoundaryMatch.NeedsMore ? before : before + 1;
        }

        return match;
    }
}

/// <summary>The outcome of a comparison with a delimiter line.</summary>
internal enum BoundaryMatch
{
    /// <summary>Not a delimiter line.</summary>
    None,

    /// <summary>Undecided until more bytes arrive.</summary>
    NeedsMore,

    /// <summary>A delimiter line: a part follows.</summary>
    Delimiter,

    /// <summary>The closing delimiter.</summary>
    Closing,
}

/// <summary>Finds a short byte pattern in a buffer of many segments with the vectorised search of the runtime.</summary>
internal static class DelimiterScanner
{
    /// <summary>Longest pattern: CRLF, two hyphens and a boundary.</summary>
    public const int MaxPattern = MultipartReader.MaxBoundaryLength + 4;

    /// <summary>Returns the offset of the first occurrence, -1 if there is none.</summary>
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
