namespace ImagingIngestion.Storage.S3;

/// <summary>
/// How large the parts of an upload are: small first, because nobody knows how long an object gets, then twice as large every thousand
/// parts, so that ten thousand of them hold the largest object that comes.
/// </summary>
internal static class PartSizes
{
    /// <summary>S3 takes no smaller part but the last.</summary>
    public const int First = 5 << 20;

    /// <summary>The most that one upload holds in memory.</summary>
    public const int Largest = 80 << 20;

    /// <summary>S3 takes no more parts.</summary>
    public const int MaxParts = 10_000;

    private const int PartsOfASize = 1_000;

    /// <summary>Bytes of the largest object: 542 GiB.</summary>
    public static long LargestObject { get; } = Enumerable.Range(1, MaxParts).Sum(number => (long)Of(number));

    /// <summary>Bytes of a part, by its number from 1.</summary>
    public static int Of(int number) => (int)Math.Min(Largest, (long)First << Math.Min((number - 1) / PartsOfASize, 20));
}
