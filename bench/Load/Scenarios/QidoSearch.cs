using System.Globalization;
using ImagingIngestion.Load.Generator;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>One search and how many studies its page must hold.</summary>
/// <param name="Path">Path and query below the DICOMweb root.</param>
/// <param name="Expected">Studies on the page.</param>
public sealed record QidoSearch(string Path, int Expected)
{
    public const string PatientNameWildcard = "patient name wildcard";
    public const string DateRange = "date range";
    public const string ModalityCode = "modality";
    public const string SinglePatientId = "single patient id";
    public const string Unfiltered = "unfiltered with offset";

    /// <summary>Studies on a page.</summary>
    public const int Page = 100;

    private const int Variants = 50;
    private const int RangeDays = 30;

    /// <summary>The kinds of search, each with several values so that a cached answer is not the figure.</summary>
    public static IReadOnlyDictionary<string, QidoSearch[]> Create(int studies) => new Dictionary<string, QidoSearch[]>
    {
        [PatientNameWildcard] = Make(i => ByName(studies, i)),
        [DateRange] = Make(i => ByDate(studies, i)),
        [ModalityCode] = Make(i => ByModality(studies, i)),
        [SinglePatientId] = Make(i => new QidoSearch($"/studies?PatientID={StudyFacts.PatientId(Spread(studies, i))}&limit={Page}", 1)),
        [Unfiltered] = Make(i => ByOffset(studies, i)),
    };

    private static QidoSearch[] Make(Func<int, QidoSearch> one) => [.. Enumerable.Range(0, Variants).Select(one)];

    private static QidoSearch ByName(int studies, int variant)
    {
        string prefix = StudyFacts.NamePrefix(Spread(studies, variant));
        return new QidoSearch(
            $"/studies?PatientName={prefix}*&limit={Page}", Count(studies, study => StudyFacts.NamePrefix(study) == prefix));
    }

    private static QidoSearch ByDate(int studies, int variant)
    {
        DateOnly first = StudyFacts.Date(Spread(studies, variant));
        DateOnly last = first.AddDays(RangeDays - 1);
        int expected = Count(studies, study => StudyFacts.Date(study) >= first && StudyFacts.Date(study) <= last);
        return new QidoSearch($"/studies?StudyDate={StudyFacts.DicomDate(first)}-{StudyFacts.DicomDate(last)}&limit={Page}", expected);
    }

    private static QidoSearch ByModality(int studies, int variant)
    {
        string modality = StudyFacts.Modalities[variant % StudyFacts.Modalities.Count];
        int expected = Count(studies, study => StudyFacts.Modality(study) == modality);
        return new QidoSearch($"/studies?ModalitiesInStudy={modality}&limit={Page}", expected);
    }

    private static QidoSearch ByOffset(int studies, int variant)
    {
        long offset = Spread(studies, variant);
        return new QidoSearch(
            string.Create(CultureInfo.InvariantCulture, $"/studies?offset={offset}&limit={Page}"), (int)Math.Min(Page, studies - offset));
    }

    /// <summary>Numbers of studies far from each other.</summary>
    private static long Spread(int studies, int variant) => variant * 48_271L % studies;

    private static int Count(int studies, Func<long, bool> matches)
    {
        int found = 0;
        for (long study = 0; study < studies && found < Page; study++)
        {
            found += matches(study) ? 1 : 0;
        }

        return found;
    }
}
