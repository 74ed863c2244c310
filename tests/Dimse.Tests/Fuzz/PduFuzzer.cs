using System.Buffers;
using System.Diagnostics;
using ImagingIngestion.Dicom.Tests.Fuzz;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Tests.Pdus;

namespace ImagingIngestion.Dimse.Tests.Fuzz;

/// <summary>Feeds damaged PDUs to their reader. Shared by the tests and the fuzz command.</summary>
internal static class PduFuzzer
{
    public static IReadOnlyList<ReadOnlyMemory<byte>> Seeds() => [.. TestPdus.All.Select(one => (ReadOnlyMemory<byte>)one.Bytes)];

    /// <summary>
    /// Reads one input; the length in its header is left to the association. Only a typed refusal is caught, anything else is a mistake of
    /// ours and comes out, as does a PDU that, once read, is not written and read again the same.
    /// </summary>
    public static FuzzOutcome Run(byte[] input, int number)
    {
        PduType type = input.Length > 0 ? (PduType)input[0] : 0;
        ReadOnlyMemory<byte> body = input.AsMemory(Math.Min(input.Length, DataTransferPdu.PduHeaderSize));

        // Every third input comes in small pieces, so that the borders fall everywhere.
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
            // A refusal is an answer.
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
