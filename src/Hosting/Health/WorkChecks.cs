using System.Globalization;
using ImagingIngestion.Hosting.Sweep;
using ImagingIngestion.Manifest.Background;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Hosting.Health;

/// <summary>
/// Finds what of the work behind the answers does not go on: loops that fail, and what waits too long (docs/design.md, promise 12).
/// </summary>
/// <remarks>None of it keeps anybody from storing and retrieving, so it takes no traffic away; but it has to be seen.</remarks>
internal sealed partial class WorkReport(Supervision supervision, IBacklog backlog, ILogger<WorkReport> logger) : IHealthCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Events are numbered within a second, even after a process died that had committed them.</summary>
    private static readonly TimeSpan LongestWaitOfEvent = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestWaitOfRevision = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestWaitOfResult = TimeSpan.FromSeconds(10);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        List<string> lines = [.. supervision.Faults.Select(fault => $"{fault.Loop} {fault.Text}")];
        lines.AddRange(supervision.Waiting.Where(waiting => waiting.Age >= LongestWaitOfResult).Select(
            waiting => $"{waiting.Loop}: the oldest waits since {Seconds(waiting.Age)}"));
        await AddBacklogAsync(lines, cancellationToken);
        return lines.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join('\n', lines));
    }

    private async Task AddBacklogAsync(List<string> lines, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(Timeout, supervision.Time, cancellationToken);
        try
        {
            Backlog found = await backlog.MeasureBacklogAsync(deadline.Token);
            if (found.UnnumberedEvent >= LongestWaitOfEvent)
            {
                lines.Add($"events wait for their numbers since {Seconds(
                    found.UnnumberedEvent.Value)}: feed and bindings do not hear of what is stored");
            }

            if (found.DueRevision >= LongestWaitOfRevision)
            {
                lines.Add($"the oldest due revision is open since {Seconds(found.DueRevision.Value)}");
            }
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogUnmeasured(logger, error);
            lines.Add("how long events and revisions wait cannot be read");
        }
    }

    private static string Seconds(TimeSpan age) => string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:0} s");

    [LoggerMessage(4020, LogLevel.Warning, "How long events and revisions wait cannot be read now")]
    private static partial void LogUnmeasured(ILogger logger, Exception error);
}

/// <summary>Reports a sweeper that deletes nothing until an operator has looked at it.</summary>
internal sealed class SweeperCheck(SweeperStatus sweeper) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(sweeper.Fault is { } disarmed
            ? HealthCheckResult.Degraded($"the sweeper is disarmed: {disarmed}; run the command check")
            : HealthCheckResult.Healthy());
}
