using System.Globalization;
using System.Text;

namespace ImagingIngestion.Load.Generator;

/// <summary>
/// Invented patient and study attributes that follow from the number of the study alone, each of one fixed length, so that a search knows
/// how much it must find.
/// </summary>
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

    public static string Name(long study) => $"{NamePrefix(
        study)}{Syllable((int)(study / Prefixes % 20))}^{Syllable((int)(study / 7 % 20))}{Syllable((int)(study / 11 % 20))} ";

    public static string PatientId(long study) => string.Create(CultureInfo.InvariantCulture, $"P{study:D9}");

    public static DateOnly Date(long study) => FirstDay.AddDays((int)(study * 7919 % Days));

    public static string Modality(long study) => ModalityCodes[study % ModalityCodes.Length];

    public static string DicomDate(DateOnly date) => date.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <summary>Writes ASCII text over bytes of the same length.</summary>
    public static void Write(Span<byte> target, string text) => Encoding.ASCII.GetBytes(text, target);

    private static string Syllable(int index) => Syllables.Substring(index * 2, 2);
}
