using System.Diagnostics;
using ImagingIngestion.Dicom.Tests.Fuzz;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Tests.Messages;

namespace ImagingIngestion.Dimse.Tests.Fuzz;

/// <summary>Gives damaged command sets to the reader, for the tests and for the fuzz command.</summary>
internal static class CommandSetFuzzer
{
    public static IReadOnlyList<ReadOnlyMemory<byte>> Seeds() => [.. TestCommands.All.Select(one => (ReadOnlyMemory<byte>)one.Bytes)];

    /// <summary>Reads one input.</summary>
    /// <remarks>
    /// Only <see cref="PduException"/> is caught: any other exception is a defect, and so is a command that is not written as it was read.
    /// </remarks>
    public static FuzzOutcome Run(byte[] input)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        DimseCommand? command = null;
        bool hasDataSet = false;
        try
        {
            (command, hasDataSet) = CommandSet.Read(input);
        }
        catch (PduException)
        {
            // Refusing an input is correct.
        }

        FuzzOutcome outcome = new(command is not null, Stopwatch.GetElapsedTime(began), GC.GetAllocatedBytesForCurrentThread() - allocated);
        if (command is not null && CommandSet.Read(TestCommands.Write(command, hasDataSet)) != (command, hasDataSet))
        {
            throw new InvalidOperationException($"A command {command.Field} is not written as it was read.");
        }

        return outcome;
    }
}
