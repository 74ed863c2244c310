using System.Buffers;

namespace ImagingIngestion.Dimse;

/// <summary>Reads and writes command sets, always in Implicit VR Little Endian (PS3.7 section 6.3.1).</summary>
public static class CommandSet
{
    /// <summary>The longest command set that is taken.</summary>
    public const int MaxLength = 64 << 10;

    /// <summary>Reads a command set.</summary>
    /// <returns>And whether a data set follows: Command Data Set Type (0000,0800).</returns>
    /// <exception cref="PduException">It cannot be read, or lacks what its command needs.</exception>
    public static (DimseCommand Command, bool HasDataSet) Read(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <summary>Writes a command set.</summary>
    public static void Write(IBufferWriter<byte> target, DimseCommand command, bool hasDataSet) => throw new NotImplementedException();
}
