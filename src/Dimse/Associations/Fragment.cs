using System.Buffers;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>A piece of a presentation data value as it arrived (PS3.8 section 9.3.5.1, annex E.2).</summary>
/// <param name="ContextId">The presentation context.</param>
/// <param name="IsCommand">It belongs to a command set, not to a data set.</param>
/// <param name="IsLast">The command set or data set ends with it.</param>
/// <param name="Bytes">Valid until the next piece is read.</param>
internal readonly record struct Fragment(byte ContextId, bool IsCommand, bool IsLast, ReadOnlySequence<byte> Bytes)
{
    /// <summary>The connection is closed: nothing follows.</summary>
    public bool IsEnd { get; private init; }

    public static Fragment End { get; } = new() { IsEnd = true };
}
