using ImagingIngestion.Dicom.Tests.Fuzz;
using ImagingIngestion.TestData;

namespace ImagingIngestion.Dimse.Tests.Fuzz;

/// <summary>The readers read damaged input or refuse it with a typed error, within bounded memory.</summary>
public sealed class DimseFuzzTests
{
    private const int Count = 20_000;

    [Theory]
    [InlineData(1)]
    [InlineData(20_240_229)]
    public void Damaged_pdus_are_read_or_refused(int seed) => Run(PduFuzzer.Seeds(), PduFuzzer.Run, seed);

    [Theory]
    [InlineData(1)]
    [InlineData(20_240_229)]
    public void Damaged_command_sets_are_read_or_refused(int seed)
        => Run(CommandSetFuzzer.Seeds(), (input, _) => CommandSetFuzzer.Run(input), seed);

    private static void Run(IReadOnlyList<ReadOnlyMemory<byte>> seeds, Func<byte[], int, FuzzOutcome> target, int seed)
    {
        Mutator mutator = new(seeds, seed);
        int read = 0;
        for (int number = 0; number < Count; number++)
        {
            byte[] input = mutator.Create(number);
            try
            {
                FuzzOutcome outcome = target(input, number);
                Assert.True(
                    outcome.Allocated <= (64 << 10) + (32L * input.Length), $"{outcome.Allocated} bytes allocated for {input.Length}");
                read += outcome.IsRead ? 1 : 0;
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}, input {number}: {exception.GetType().Name}", exception);
            }
        }

        // If every input were refused, or none, the test would prove nothing.
        Assert.InRange(read, Count / 20, Count * 19 / 20);
    }
}
