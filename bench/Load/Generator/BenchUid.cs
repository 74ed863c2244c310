using System.Globalization;

namespace ImagingIngestion.Load.Generator;

/// <summary>
/// UIDs of one fixed length, so that they can be written over each other: 2.25., a digit for the kind, six for the run, ten for the number.
/// </summary>
public static class BenchUid
{
    public const int Length = 22;
    public const int Study = 1;
    public const int Series = 2;
    public const int Instance = 3;

    /// <summary>The first run number that does not fit.</summary>
    public const int RunEnd = 1_000_000;

    private const long NumberEnd = 10_000_000_000;

    public static string Format(int kind, int run, long number)
        => string.Create(CultureInfo.InvariantCulture, $"2.25.{Digits(kind, run, number)}");

    /// <summary>Writes the UID as ASCII.</summary>
    public static void Write(Span<byte> target, int kind, int run, long number)
    {
        "2.25."u8.CopyTo(target);
        Digits(kind, run, number).TryFormat(target[5..], out _, default, CultureInfo.InvariantCulture);
    }

    private static long Digits(int kind, int run, long number) => (((long)kind * RunEnd) + run) * NumberEnd + number;
}
