using System.Buffers;

namespace ImagingIngestion.Dimse;

/// <summary>Reads the PDUs that are whole in memory (PS3.8 section 9.3).</summary>
public static class PduReader
{
    /// <summary>The longest association PDU that is taken, without its header; the most that 128 contexts with many transfer syntaxes need is far less.</summary>
    public const int MaxLength = 1 << 20;

    /// <param name="type">The first byte of the header.</param>
    /// <param name="body">What follows the header of six bytes, as long as that says and at most <see cref="MaxLength"/>.</param>
    /// <exception cref="PduException">It cannot be read.</exception>
    public static Pdu Read(PduType type, ReadOnlySequence<byte> body) => throw new NotImplementedException();
}
