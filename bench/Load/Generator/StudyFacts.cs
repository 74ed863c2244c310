using System.Globalization;
using System.Text;

namespace ImagingIngestion.Load.Generator;

/// <summary>Invented patient and study attributes, each of one fixed length.</summary>
/// <remarks>They depend only on the number of the study, so that the expected matches of a search are known.</remarks>
public static class StudyFacts
{
    public const int NameLength = 12;
    public const int PatientIdLength = 10;
    public const int DateLength = 8;
    public const int ModalityLength = 2;

    /// <summary>Names begin with this many different four-letter prefixes, evenly spread.</summary>
    public const int Prefixes = 200;

    private const int Days = 3650;
    private const string Syllables = "KALOMIRESUNATOBIDEFUGAHIJOPELUMARINESOTUVAWE";

    private static readonly DateOnly FirstDay = new(2015, 1, 1);
    private static readonly string[] ModalityCodes = ["CT", "MR", "US", "DX", "CR", "PT", "NM", "MG"];

    public static IReadOnlyList<string> Modalities => ModalityCodes;

    public static string NamePrefix(long study) => Syllable((int)(study % Prefixes) / 10) + Syllable((int)(study % Prefixes) % 10);

    public static string Name(long study)
    {
        string family = NamePrefix(study) + Syllable((int)(study / Prefixes % 20));
        string given = Syllable((int)(study / 7 % 20)) + Syllable((int)(study / 11 % 20));
        return $"{family}^{given} ";
    }

    public static string PatientId(long study) => string.Create(CultureInfo.InvariantCulture, $"P{study:D9}");

    public static DateOnly Date(long study) => FirstDay.AddDays((int)(study * 7919 % Days));

    public static string Modality(long study) => ModalityCodes[study % ModalityCodes.Length];

    public static string DicomDate(DateOnly date) => date.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>Writes ASCII text over bytes of the same length.</summary>
    public static void Write(Span<byte> target, string text) => Encoding.ASCII.GetBytes(text, target);

    private static string Syllable(int index) => Syllables.Substring(index * 2, 2);
}

/// <summary>UIDs of one fixed length, so that they can overwrite each other.</summary>
/// <remarks>The form is 2.25., a digit for the kind, six for the run, ten for the number.</remarks>
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

/// <summary>The numbers that determine the UIDs and attributes of one generated instance.</summary>
/// <param name="Study">Number of the study; the series has the same.</param>
/// <param name="Instance">Number of the instance over all studies of the run.</param>
/// <param name="InstanceNumber">Number within the series.</param>
public readonly record struct InstanceIdentity(long Study, long Instance, int InstanceNumber)
{
    /// <summary>Spreads instances over studies of equal size.</summary>
    public static InstanceIdentity FromIndex(long index, int instancesPerStudy)
        => new(index / instancesPerStudy, index, (int)(index % instancesPerStudy) + 1);
}
