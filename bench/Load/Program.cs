using System.CommandLine;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Scenarios;

RootCommand root = new("Measures the disk, the codec and DICOMweb servers on this machine; bench/run starts them and runs everything.")
{
    DiskScenario.CreateCommand(),
    HeaderScenario.CreateCommand(),
    StowScenario.CreateCommand(),
    StoreScenario.CreateCommand(),
    StorescuScenario.CreateCommand(),
    MemoryScenario.CreateCommand(),
    HeaderReadScenario.CreateCommand(),
    QidoScenario.CreateCommand(),
    FindScenario.CreateCommand(),
    SeriesFill.CreateCommand(),
    MetadataScenario.CreateCommand(),
    WadoScenario.CreateCommand(),
    StartupScenario.CreateCommand(),
    BindingScenario.CreateCommand(),
    RevisionScenario.CreateCommand(),
    ContentionScenario.CreateCommand(),
    ResultTable.CreateCommand(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is LoadException or HttpRequestException or IOException)
{
    await Console.Error.WriteLineAsync($"Not measured: {e.Message}");
    return 1;
}
