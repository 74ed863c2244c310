using System.Diagnostics;
using System.Globalization;
using ImagingIngestion.Manifest.Search;
using ImagingIngestion.Storage.Bench;
using ImagingIngestion.Storage.Sqlite;
using ImagingIngestion.Storage.TestKit;

if (args is ["deliveries", ..])
{
    return await DeliveryBench.RunAsync(
        args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100_000, CancellationToken.None);
}

if (args is ["instances", var count, ..])
{
    return await InstanceFill.RunAsync(int.Parse(count, CultureInfo.InvariantCulture), args.ElementAtOrDefault(2), CancellationToken.None);
}

int studies = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100_000;
int runs = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 200;
string path = args.Length > 2 ? args[2] : Path.Combine(Directory.CreateTempSubdirectory("imaging-bench-").FullName, "manifest.db");
bool exists = File.Exists(path);
await using SqliteManifestStore store = SqliteManifestStore.Open(path, TimeProvider.System);
Stopwatch filling = Stopwatch.StartNew();
if (!exists)
{
    await SearchFill.FillAsync(store, studies, CancellationToken.None);
}

Console.WriteLine($"{studies} studies written in {filling.Elapsed.TotalSeconds:0.0} s");

AttributeMatch name = new AttributeMatch.Wildcard(SearchAttributes.PatientName, "*mith1*");
AttributeMatch date = new AttributeMatch.Range(SearchAttributes.StudyDate, "20200101", "20201231");
AttributeMatch allDates = new AttributeMatch.Range(SearchAttributes.StudyDate, "19000101", "20991231");
AttributeMatch modality = new AttributeMatch.AnyOf(SearchAttributes.ModalitiesInStudy, ["CT"]);
SearchRequest request = new() { Provider = SampleStudy.Provider, Level = SearchLevel.Study, Limit = 100 };
await MeasureAsync("no key", request);
await MeasureAsync("no key, offset 5000", request with { Offset = 5000 });
await MeasureAsync("name wildcard + year + modality", request with { Matches = [name, date, modality] });
await MeasureAsync(
    "name prefix + year + modality",
    request with { Matches = [new AttributeMatch.Wildcard(SearchAttributes.PatientName, "smith*"), date, modality] });
await MeasureAsync("name wildcard + all dates + modality", request with { Matches = [name, allDates, modality] });
await MeasureAsync("year + modality", request with { Matches = [date, modality] });
await MeasureAsync(
    "name wildcard that matches nothing",
    request with { Matches = [new AttributeMatch.Wildcard(SearchAttributes.PatientName, "*nobody*")] });
await MeasureAsync(
    "fuzzy name", request with { Matches = [new AttributeMatch.AnyOf(SearchAttributes.PatientName, ["mul an"])], FuzzyMatching = true });
await MeasureAsync(
    "description that matches nothing",
    request with { Matches = [new AttributeMatch.AnyOf(SearchAttributes.StudyDescription, ["nothing"])] });
await MeasureAsync("patient id", request with { Matches = [new AttributeMatch.AnyOf(SearchAttributes.PatientID, ["PAT000815"])] });
await MeasureAsync(
    "series by modality",
    request with { Level = SearchLevel.Series, Matches = [new AttributeMatch.AnyOf(SearchAttributes.Modality, ["XA"])] });
await MeasureAsync(
    "instances by number",
    request with { Level = SearchLevel.Instance, Matches = [new AttributeMatch.AnyOf(SearchAttributes.InstanceNumber, ["1"])] });
return 0;

async Task MeasureAsync(string title, SearchRequest search)
{
    int rows = (await store.SearchAsync(search, CancellationToken.None)).Rows.Count;
    double[] times = new double[runs];
    for (int run = 0; run < runs; run++)
    {
        long start = Stopwatch.GetTimestamp();
        await store.SearchAsync(search, CancellationToken.None);
        times[run] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    Array.Sort(times);
    Console.WriteLine($"{title,-45} {rows,4} rows  p50 {times[runs / 2],7:0.00} ms  p99 {times[runs * 99 / 100],7:0.00} ms");
}
