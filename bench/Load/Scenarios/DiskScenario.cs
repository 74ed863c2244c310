using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ImagingIngestion.Load.Generator;
using ImagingIngestion.Load.Results;
using ImagingIngestion.Load.Running;
using Microsoft.Win32.SafeHandles;

namespace ImagingIngestion.Load.Scenarios;

/// <summary>Measures the disk: a server that answers only when bytes are durable cannot be faster.</summary>
public sealed class DiskScenario(string folder, TimeSpan limit, int maxFiles, ResultLog log)
{
    private const string Name = "disk";
    private const int SyncBytes = 4096;
    private const int MaxSyncs = 200_000;
    private const int WarmUp = 20;

    public static Command CreateCommand()
    {
        Option<string> work = new("--work") { Description = "Folder on the disk to measure", Required = true };
        Option<double> seconds = new("--seconds") { Description = "The longest time of one measurement", DefaultValueFactory = _ => 5 };
        Option<int> files = new("--files") { Description = "The most durable files of one measurement", DefaultValueFactory = _ => 4000 };
        Option<int[]> threads = new("--threads")
        {
            Description = "Threads",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [1, 4, 8, 32]
        };
        Option<string?> results = ServerOptions.ResultsOption();
        Command command = new(
            Name, "fdatasync per second and durable 512 KB files per second of a folder") { work, seconds, files, threads, results };
        command.SetAction(parsed => new DiskScenario(
            parsed.GetRequiredValue(work),
            TimeSpan.FromSeconds(parsed.GetValue(seconds)),
            parsed.GetValue(files),
            new ResultLog(parsed.GetValue(results))).Run(parsed.GetRequiredValue(threads)));
        return command;
    }

    public int Run(IEnumerable<int> threadCounts)
    {
        // The first calls compile the code and wake the disk; they do not count.
        Measure(1, WarmUp, SyncLoop);
        Measure(1, WarmUp, FileLoop);
        foreach (int threads in threadCounts)
        {
            Report(FigureNames.Fdatasync(threads), Measure(threads, MaxSyncs, SyncLoop));
            Report(FigureNames.DurableFiles(threads), Measure(threads, maxFiles, FileLoop));
        }

        return 0;
    }

    private void Report(string figure, double perSecond) => log.Add(new ResultRow(Name, figure, TargetNames.Disk, perSecond, "/s", 0, ""));

    private double Measure(int threads, int maxOperations, Func<string, Func<bool>, int> loop)
    {
        string own = Path.Combine(folder, $"disk-{Environment.ProcessId}");
        try
        {
            Budget budget = new(maxOperations, limit);
            Worker[] workers = new Worker[threads];
            for (int i = 0; i < threads; i++)
            {
                string place = Path.Combine(own, i.ToString(CultureInfo.InvariantCulture));
                Directory.CreateDirectory(place);
                workers[i] = new Worker(() => loop(place, budget.TryTake));
            }

            long started = Stopwatch.GetTimestamp();
            Array.ForEach(workers, worker => worker.Start());
            int done = workers.Sum(worker => worker.Join());
            return done / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
        finally
        {
            Directory.Delete(own, recursive: true);
        }
    }

    private static int SyncLoop(string place, Func<bool> mayBegin)
    {
        byte[] block = new byte[SyncBytes];
        using SafeFileHandle file = File.OpenHandle(Path.Combine(place, "log"), FileMode.Create, FileAccess.Write);
        int done = 0;
        for (; mayBegin(); done++)
        {
            DurableFile.WriteAndSyncData(file, block, (long)done * SyncBytes);
        }

        return done;
    }

    private static int FileLoop(string place, Func<bool> mayBegin)
    {
        byte[] bytes = new byte[CtTemplate.FrameBytes];
        Random.Shared.NextBytes(bytes);
        int done = 0;
        for (; mayBegin(); done++)
        {
            DurableFile.Write(place, done.ToString(CultureInfo.InvariantCulture), bytes);
        }

        return done;
    }

    private sealed class Budget(int operations, TimeSpan limit)
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private int _taken;

        public bool TryTake() => Stopwatch.GetElapsedTime(_started) < limit && Interlocked.Increment(ref _taken) <= operations;
    }

    /// <summary>A separate thread, because these calls block, which must not happen in the thread pool.</summary>
    private sealed class Worker
    {
        private readonly Thread _thread;
        private int _done;
        private Exception? _failure;

        public Worker(Func<int> work) => _thread = new Thread(() => Guard(work));

        public void Start() => _thread.Start();

        public int Join()
        {
            _thread.Join();
            return _failure is null ? _done : throw new IOException("the disk could not be measured", _failure);
        }

        private void Guard(Func<int> work)
        {
            try
            {
                _done = work();
            }
            catch (IOException e)
            {
                _failure = e;
            }
        }
    }
}
