using System.Buffers;

namespace ImagingIngestion.Dimse;

/// <summary>Writes PDUs (PS3.8 section 9.3).</summary>
public static class PduWriter
{
    public static void Write(IBufferWriter<byte> target, Pdu pdu) => throw new NotImplementedException();
}
