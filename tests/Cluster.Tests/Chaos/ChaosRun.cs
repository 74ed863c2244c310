using System.Diagnostics;
using System.Globalization;
using System.Text;
using ImagingIngestion.Cluster.Tests.Processes;
using Npgsql;

namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>Executes a schedule on a cluster, one step after the other, and ends every disturbance.</summary>
internal sealed class ChaosRun(TestCluster cluster, int seed)
{
    /// <summary>Longer than every time-out of the processes.</summary>
    private static readonly TimeSpan FreezeTime = TimeSpan.FromSeconds(12);

    private static readonly TimeSpan BucketOutage = TimeSpan.FromSeconds(20);

    /// <summary>Longer than any process waits for a lock.</summary>
    private static readonly TimeSpan LockTime = TimeSpan.FromSeconds(8);

    /// <summary>Longer than the pause of a failed loop before its next attempt.</summary>
    private static readonly TimeSpan RevokeTime = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan ConfusionTime = TimeSpan.FromSeconds(8);

    /// <summary>The privileges that the role of the processes loses; the processes need each of them all the time.</summary>
    private static readonly (string Privilege, string Table)[] Privileges =
        [("INSERT", "instance"), ("UPDATE", "event_log"), ("INSERT", "event"), ("DELETE", "event_inbox"), ("UPDATE", "study")];

    private readonly List<string> _silent = [];
    private readonly StringBuilder _log = new();
    private readonly Stopwatch _since = Stopwatch.StartNew();
    private readonly Dictionary<ChaosAction, int> _done = [];

    /// <summary>The steps so far, with their times.</summary>
    public string Log => _log.ToString();

    /// <summary>The number of steps of each kind.</summary>
    public IReadOnlyDictionary<ChaosAction, int> Done => _done;

    /// <summary>The disturbances that no process has reported.</summary>
    public IReadOnlyList<string> Silent => _silent;

    /// <summary>Runs steps until the time is over and each kind has come; finishes the current step.</summary>
    public async Task RunAsync(TimeSpan duration)
    {
        foreach (ChaosStep step in ChaosSchedule.Of(seed))
        {
            await PauseAsync(step.Pause);
            if (_since.Elapsed >= duration && _done.Count == Enum.GetValues<ChaosAction>().Length)
            {
                break;
            }

            Note($"{step.Action} {step.Target}");
            _done[step.Action] = _done.GetValueOrDefault(step.Action) + 1;
            await ExecuteAsync(step);
        }
    }

    private Task ExecuteAsync(ChaosStep step) => step.Action switch
    {
        ChaosAction.KillSilo => KillAsync(Choose(cluster.SiloProcesses, step.Target)),
        ChaosAction.KillGateway => KillAsync(Choose(cluster.GatewayProcesses, step.Target)),
        ChaosAction.FreezeSilo => FreezeAsync(Choose(cluster.SiloProcesses, step.Target)),
        ChaosAction.FreezeGateway => FreezeAsync(Choose(cluster.GatewayProcesses, step.Target)),
        ChaosAction.RestartDatabase => cluster.Servers.Database.RestartAsync(),
        ChaosAction.StopBucket => StopBucketAsync(),
        ChaosAction.LockStudies => LockStudiesAsync(),
        ChaosAction.RevokePrivilege => RevokeAsync(Privileges[step.Target % Privileges.Length]),
        ChaosAction.ConfuseBucket => ConfuseBucketAsync(),
        _ => AddSiloAsync(),
    };

    private async Task KillAsync(ClusterProcess process)
    {
        Note($"kill {process.Name}");
        await process.KillAsync();
        await PauseAsync(TimeSpan.FromSeconds(1));
        await StartAsync(process);
    }

    private async Task FreezeAsync(ClusterProcess process)
    {
        Note($"freeze {process.Name}");
        process.Freeze();
        await PauseAsync(FreezeTime);
        process.Thaw();
        Note($"thaw {process.Name}");
    }

    private async Task StopBucketAsync()
    {
        await cluster.Servers.Bucket.PauseAsync();
        await PauseAsync(BucketOutage);
        await cluster.Servers.Bucket.ResumeAsync();
        Note("bucket is back");
    }

    private async Task LockStudiesAsync()
    {
        await using NpgsqlConnection stranger = cluster.Servers.Database.Open(cluster.Servers.Settings["DB_NAME"]);
        await using NpgsqlTransaction transaction = await stranger.BeginTransactionAsync();
        await using NpgsqlCommand hold = new(
            "SELECT count(*) FROM (SELECT 1 FROM imaging.study WHERE id % 2 = 0 FOR UPDATE) held", stranger);
        object? held = await hold.ExecuteScalarAsync();
        await PauseAsync(LockTime);
        Note($"{held} studies are free again");
    }

    private async Task RevokeAsync((string Privilege, string Table) right)
    {
        string database = cluster.Servers.Settings["DB_NAME"];
        const string denied = "The user DB_USER lacks a right";
        int before = Count(denied);
        await cluster.Servers.Database.ExecuteAsync(
            database, $"REVOKE {right.Privilege} ON imaging.{right.Table} FROM {cluster.Servers.Role}");
        await PauseAsync(RevokeTime);
        await cluster.Servers.Database.ExecuteAsync(
            database, $"GRANT {right.Privilege} ON imaging.{right.Table} TO {cluster.Servers.Role}");
        int told = Count(denied) - before;
        Note($"{right.Privilege} on {right.Table} is granted again; told of {told} times");
        if (told <= 0)
        {
            _silent.Add($"No process told that it may not {right.Privilege} on {right.Table}");
        }
    }

    private int Count(string text) => cluster.Processes.Sum(process => process.Log.Split(text).Length - 1);

    private async Task ConfuseBucketAsync()
    {
        cluster.Servers.Proxy.IsFaulty = true;
        await PauseAsync(ConfusionTime);
        cluster.Servers.Proxy.IsFaulty = false;
        Note($"before the bucket: {string.Join(
            ", ", cluster.Servers.Proxy.Faults.OrderBy(row => row.Key).Select(row => $"{row.Key} {row.Value}"))}");
    }

    private async Task AddSiloAsync()
    {
        ClusterProcess silo = cluster.AddSilo();
        Note($"add {silo.Name}");
        await StartAsync(silo);
    }

    /// <summary>Starts a process like an orchestrator: starts it again if it ends because a store is away.</summary>
    private async Task StartAsync(ClusterProcess process)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await process.StartAsync();
                Note($"{process.Name} is ready");
                return;
            }
            catch (InvalidOperationException) when (attempt < 20)
            {
                Note($"{process.Name} ended while it started");
                await PauseAsync(TimeSpan.FromSeconds(1));
            }
        }
    }

    private static ClusterProcess Choose(IReadOnlyList<ClusterProcess> processes, int number) => processes[number % processes.Count];

    private static async Task PauseAsync(TimeSpan span)
    {
        using PeriodicTimer timer = new(span);
        await timer.WaitForNextTickAsync();
    }

    private void Note(string text) => _log.AppendLine(CultureInfo.InvariantCulture, $"{_since.Elapsed.TotalSeconds,7:F1} {text}");
}

/// <summary>One step of a schedule.</summary>
/// <param name="Pause">The pause before the step.</param>
/// <param name="Action">The kind of the step.</param>
/// <param name="Target">The number of the process among those of its kind; a number beyond them starts again from the first.</param>
internal readonly record struct ChaosStep(TimeSpan Pause, ChaosAction Action, int Target);
