using System.Diagnostics;
using ImagingIngestion.Dicom.Tests.Fuzz;
using ImagingIngestion.Dimse.Tests.Fuzz;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Fuzz;

/// <summary>Tries many inputs and prints the highest time and memory of one.</summary>
internal static class FuzzCommand
{
    /// <summary>Runs the inputs; returns 1 as soon as one breaks the parser.</summary>
    public static int Run(FuzzTarget target, int count, int seed, int only)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> seeds = target.Seeds();
        Mutator mutator = new(seeds, seed);
        int first = only >= 0 ? only : 0;
        int end = only >= 0 ? only + 1 : count;
        int read = 0;
        (FuzzOutcome Outcome, int Number) slowest = default;
        (FuzzOutcome Outcome, int Number) largest = default;
        long began = Stopwatch.GetTimestamp();
        for (int number = first; number < end; number++)
        {
            FuzzOutcome outcome;
            try
            {
                outcome = target.Run(mutator.Create(number), number);
            }
            catch (Exception exception)
            {
                Console.Error.WriteLine($"Input {number} of seed {seed} breaks the parser:{Environment.NewLine}{exception}");
                return 1;
            }

            read += outcome.IsRead ? 1 : 0;
            slowest = outcome.Time > slowest.Outcome.Time ? (outcome, number) : slowest;
            largest = outcome.Allocated > largest.Outcome.Allocated ? (outcome, number) : largest;
        }

        TimeSpan time = Stopwatch.GetElapsedTime(began);
        Console.WriteLine($"{end - first} inputs from {seeds.Count} {target.Name}, seed {seed}: {read} read, {end - first - read} refused, "
            + $"{(end - first) / time.TotalSeconds:F0} inputs/s");
        Console.WriteLine($"slowest {slowest.Outcome.Time.TotalMilliseconds:F1} ms (input {slowest.Number}), largest allocation "
            + $"{largest.Outcome.Allocated / 1024} KiB (input {largest.Number})");
        return 0;
    }
}

/// <summary>The reader of damaged inputs.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Seeds">The undamaged inputs.</param>
/// <param name="Run">Reads one input with its number; throws if the reader breaks.</param>
internal sealed record FuzzTarget(string Name, Func<IReadOnlyList<ReadOnlyMemory<byte>>> Seeds, Func<byte[], int, FuzzOutcome> Run)
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("files", ParserFuzzer.Seeds, ParserFuzzer.Run),
        new("pdus", PduFuzzer.Seeds, PduFuzzer.Run),
        new("commands", CommandSetFuzzer.Seeds, (input, _) => CommandSetFuzzer.Run(input)),
    ];
}
