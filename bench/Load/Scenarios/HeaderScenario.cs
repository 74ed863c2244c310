using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ImagingIngestion.Dicom.Reading;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Http;
using ImagingIngestion.Load.Results;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures time and memory of parsing one CT instance in memory with the project's codec.</summary>
public sealed class HeaderScenario(int iterations, int rounds, ResultLog log)
{
    private const string Name = "header";
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    public static Command CreateCommand()
    {
        Option<int> iterations = new("--iterations") { Description = "Parses a round", DefaultValueFactory = _ => 20_000 };
        Option<int> rounds = new("--rounds") { Description = "Rounds; the median counts", DefaultValueFactory = _ => 7 };
        Option<string?> results = ServerOptions.ResultsOption();
        Command command = new(Name, "Time and allocation of parsing a CT header in memory") { iterations, rounds, results };
        command.SetAction(parsed =>
            new HeaderScenario(parsed.GetValue(iterations), parsed.GetValue(rounds), new ResultLog(parsed.GetValue(results))).Run());
        return command;
    }

    public int Run()
    {
        InstanceTemplate template = CtTemplate.Create(frames: 1);
        byte[] file = new InstanceWriter(template, run: 0, instancesPerStudy: 1).ToFile(0);
        int elements = Parse(file);
        if (elements < 90)
        {
            throw new LoadException($"the parser found {elements} elements at the top level");
        }

        // Ends only after the tiered compiler had time to replace the first code.
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < WarmUp;)
        {
            Parse(file);
        }

        double[] microseconds = new double[rounds];
        double[] bytes = new double[rounds];
        for (int round = 0; round < rounds; round++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < iterations; i++)
            {
                Parse(file);
            }

            microseconds[round] = Stopwatch.GetElapsedTime(began).TotalMicroseconds / iterations;
            bytes[round] = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)iterations;
        }

        string note = string.Create(CultureInfo.InvariantCulture, $"{template.ElementCount} elements, median of {rounds} × {iterations}");
        log.Add(new ResultRow(Name, FigureNames.HeaderTime, TargetNames.Ours, Median(microseconds), "µs", 0, note));
        log.Add(new ResultRow(Name, FigureNames.HeaderAllocation, TargetNames.Ours, Median(bytes), "B", 0, ""));
        return 0;
    }

    private static int Parse(ReadOnlySpan<byte> file)
    {
        if (!Part10HeadReader.TryRead(file, true, DicomReaderOptions.Default, out Part10Head head))
        {
            throw new LoadException("the parser asks for more than the whole file");
        }

        DataSetParser parser = new(head.TransferSyntax, DicomReaderOptions.Default);
        parser.Feed(file[head.DataSetOffset..]);
        parser.Complete();
        return parser.Dataset.Elements.Count;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
