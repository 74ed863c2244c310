using System.Buffers;
using System.Diagnostics;
using ImagingIngestion.Dicom.Tests.Fuzz;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Tests.Pdus;

namespace ImagingIngestion.Dimse.Tests.Fuzz;

/// <summary>Gives damaged PDUs to the reader, for the tests and for the fuzz command.</summary>
internal static class PduFuzzer
{
    public static IReadOnlyList<ReadOnlyMemory<byte>> Seeds() => [.. TestPdus.All.Select(one => (ReadOnlyMemory<byte>)one.Bytes)];

    /// <summary>Reads one input.</summary>
    /// <remarks>
    /// Only <see cref="PduException"/> is caught: any other exception is a defect. So is a PDU that is not the same after writing and
    /// reading it again. The association checks the length in the header, so it is not tested here.
    /// </remarks>
    public static FuzzOutcome Run(byte[] input, int number)
    {
        PduType type = input.Length > 0 ? (PduType)input[0] : 0;
        ReadOnlyMemory<byte> body = input.AsMemory(Math.Min(input.Length, DataTransferPdu.PduHeaderSize));

        // Every third input comes in small segments, so that their borders fall everywhere.
        ReadOnlySequence<byte> bytes = number % 3 == 0 ? Pieces.Of(body, 1 + (number % 97)) : new ReadOnlySequence<byte>(body);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        Pdu? pdu = null;
        try
        {
            pdu = PduReader.Read(type, bytes);
        }
        catch (PduException)
        {
            // Refusing an input is correct.
        }

        FuzzOutcome outcome = new(pdu is not null, Stopwatch.GetElapsedTime(began), GC.GetAllocatedBytesForCurrentThread() - allocated);
        if (pdu is not null)
        {
            byte[] written = TestPdus.Write(pdu);
            if (!written.AsSpan().SequenceEqual(TestPdus.Write(TestPdus.Read(written))))
            {
                throw new InvalidOperationException($"A PDU {type} is not written as it was read.");
            }
        }

        return outcome;
    }
}
