using System.Diagnostics;
using ImagingIngestion.Dicom.Tests.Fuzz;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Tests.Messages;

namespace ImagingIngestion.Dimse.Tests.Fuzz;

/// <summary>Feeds damaged command sets to their reader. Shared by the tests and the fuzz command.</summary>
internal static class CommandSetFuzzer
{
    public static IReadOnlyList<ReadOnlyMemory<byte>> Seeds() => [.. TestCommands.All.Select(one => (ReadOnlyMemory<byte>)one.Bytes)];

    /// <summary>
    /// Reads one input. Only a typed refusal is caught; anything else is a mistake of ours and comes out, as does a command that is not
    /// written as it was read.
    /// </summary>
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
            // A refusal is an answer.
        }

        FuzzOutcome outcome = new(command is not null, Stopwatch.GetElapsedTime(began), GC.GetAllocatedBytesForCurrentThread() - allocated);
        if (command is not null && CommandSet.Read(TestCommands.Write(command, hasDataSet)) != (command, hasDataSet))
        {
            throw new InvalidOperationException($"A command {command.Field} is not written as it was read.");
        }

        return outcome;
    }
}
