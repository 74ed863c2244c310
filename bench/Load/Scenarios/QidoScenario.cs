using System.CommandLine;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Stores many studies and measures QIDO-RS pages of 100 of them.</summary>
public sealed class QidoScenario(ServerTarget target, int studies)
{
    private const string Name = "qido";
    private const int FillClients = 8;
    private const int FillPerRequest = 100;
    private const int WarmUp = 20;

    public static Command CreateCommand()
    {
        ServerOptions server = new();
        Option<int> studies = new("--studies") { Description = "Studies to store, a multiple of 100", DefaultValueFactory = _ => 100_000 };
        Option<int> fillSeconds = new("--fill-seconds") { Description = "The longest time of the fill", DefaultValueFactory = _ => 1800 };
        Option<int> requests = new("--requests") { Description = "The most searches of one measurement", DefaultValueFactory = _ => 500 };
        Option<int[]> clients = new("--clients")
        {
            Description = "Clients at once",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [1, 8]
        };
        Command command = new(Name, "QIDO-RS latency of pages of 100 studies") { studies, fillSeconds, requests, clients };
        server.AddTo(command);
        command.SetAction((parsed, cancellationToken) => new QidoScenario(server.Read(parsed), parsed.GetValue(studies)).RunAsync(
            TimeSpan.FromSeconds(parsed.GetValue(fillSeconds)),
            parsed.GetValue(requests),
            parsed.GetRequiredValue(clients),
            cancellationToken));
        return command;
    }

    public async Task<int> RunAsync(TimeSpan fillLimit, int requests, int[] clientCounts, CancellationToken cancellationToken)
    {
        using StowLoad load = new(target, TinyTemplate.Create(), instancesPerStudy: 1);
        LoadOutcome fill = await load.FillAsync(studies, FillClients, FillPerRequest, fillLimit, cancellationToken);
        target.Report(
            Name,
            FigureNames.FillRate,
            fill.PerSecond * FillPerRequest,
            "/s",
            string.Create(CultureInfo.InvariantCulture, $"{studies} studies"));

        using DicomWebClient client = target.CreateClient();
        foreach ((string search, QidoSearch[] variants) in QidoSearch.Create(studies))
        {
            await LoadRunner.RunAsync(new LoadPlan(1, Math.Min(WarmUp, requests), target.Limit / 4), FindAsync, cancellationToken);
            foreach (int clients in clientCounts)
            {
                Report(
                    search,
                    clients,
                    await LoadRunner.RunAsync(new LoadPlan(clients, requests, target.Limit), FindAsync, cancellationToken));
            }

            async Task FindAsync(int _, long index, CancellationToken token)
            {
                QidoSearch one = variants[index % variants.Length];
                int found = await client.CountItemsAsync(one.Path, token);
                if (found != one.Expected)
                {
                    throw new LoadException(
                        string.Create(CultureInfo.InvariantCulture, $"{search} found {found} studies instead of {one.Expected}"));
                }
            }
        }

        return 0;
    }

    private void Report(string search, int clients, LoadOutcome outcome)
    {
        string note = string.Create(CultureInfo.InvariantCulture, $"{outcome.Completed} requests, {studies} studies");
        target.Report(Name, FigureNames.QidoLatency("p50", search, clients), outcome.Percentile(0.50), "ms", outcome, note);
        target.Report(Name, FigureNames.QidoLatency("p99", search, clients), outcome.Percentile(0.99), "ms", outcome);
    }
}

/// <summary>A search and the expected number of studies on its page.</summary>
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

    /// <summary>Creates the kinds of search, each with several values, so that a cached answer does not determine the figure.</summary>
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

    /// <summary>Returns numbers of studies far from each other.</summary>
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
