using ImagingIngestion.TestData;

namespace ImagingIngestion.Dicom.Tests.Fuzz;

/// <summary>Damaged files end in an instance or in a typed refusal, in bounded time and memory.</summary>
public sealed class ParserFuzzTests
{
    private const long MaxAllocated = 8 << 20;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);
    private static readonly int Count = Environment.GetEnvironmentVariable("IMAGING_TEST_LONG") == "1" ? 20_000 : 1_000;

    [Theory]
    [InlineData(1)]
    [InlineData(20_240_229)]
    public void Damaged_files_are_read_or_refused_within_bounds(int seed)
    {
        Mutator mutator = new(ParserFuzzer.Seeds(), seed);
        int read = 0;
        for (int number = 0; number < Count; number++)
        {
            byte[] input = mutator.Create(number);
            FuzzOutcome outcome = Run(input, seed, number);

            Assert.True(outcome.Time < MaxTime, $"Seed {seed}, input {number}: {outcome.Time}");
            Assert.True(
                outcome.Allocated < MaxAllocated, $"Seed {seed}, input {number}: {outcome.Allocated} bytes allocated for {input.Length}");
            read += outcome.IsRead ? 1 : 0;
        }

        // If no input were read, or none refused, the inputs would test nothing.
        Assert.InRange(read, Count / 10, Count * 9 / 10);
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs()
    {
        IReadOnlyList<ReadOnlyMemory<byte>> seeds = ParserFuzzer.Seeds();

        Assert.All(
            Enumerable.Range(0, 50), number => Assert.Equal(new Mutator(seeds, 3).Create(number), new Mutator(seeds, 3).Create(number)));
    }

    private static FuzzOutcome Run(byte[] input, int seed, int number)
    {
        try
        {
            return ParserFuzzer.Run(input, number);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Seed {seed}, input {number}: {exception.GetType().Name}", exception);
        }
    }
}
