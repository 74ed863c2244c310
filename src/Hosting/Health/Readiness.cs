using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ImagingIngestion.Hosting.Health;

/// <summary>What a process is for: it reads what is stored, or stores.</summary>
[Flags]
public enum ReadinessScope
{
    /// <summary>Searches and retrieves.</summary>
    Reading = 1,

    /// <summary>Stores, deletes, and closes revisions.</summary>
    Writing = 2,

    /// <summary>Both.</summary>
    All = Reading | Writing,
}

/// <summary>
/// The checks of a process by their tags: what keeps traffic away where it fails, and what has to be seen but keeps nothing away.
/// </summary>
public static class Readiness
{
    private const string ReadingTag = "reading";
    private const string WritingTag = "writing";
    private const string WorkTag = "work";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Adds one thing that must work before the process may have traffic.</summary>
    /// <param name="services">The services.</param>
    /// <param name="name">The name of the check in the log.</param>
    /// <param name="scope">What does not work where the check finds a fault.</param>
    /// <param name="check">Makes the check.</param>
    /// <param name="isNeeded">False if a fault is only shown, and the process has traffic all the same.</param>
    public static IServiceCollection AddReadinessCheck(
        this IServiceCollection services, string name, ReadinessScope scope, Func<IServiceProvider, IHealthCheck> check,
        bool isNeeded = true)
    {
        string[] tags =
        [
            .. scope.HasFlag(ReadinessScope.Reading) ? [ReadingTag] : Array.Empty<string>(),
            .. scope.HasFlag(ReadinessScope.Writing) ? [WritingTag] : Array.Empty<string>(),
        ];
        HealthStatus failed = isNeeded ? HealthStatus.Unhealthy : HealthStatus.Degraded;
        services.AddHealthChecks().Add(new HealthCheckRegistration(name, check, failed, tags, Timeout));
        return services;
    }

    /// <summary>Adds work behind the answers that must go on; each line of the description is a fault.</summary>
    public static IServiceCollection AddWorkCheck(this IServiceCollection services, string name, Func<IServiceProvider, IHealthCheck> check)
    {
        services.AddHealthChecks().Add(new HealthCheckRegistration(name, check, HealthStatus.Degraded, [WorkTag]));
        return services;
    }

    /// <summary>Returns whether a check is about the work behind the answers.</summary>
    public static bool IsWork(HealthCheckRegistration check) => check.Tags.Contains(WorkTag);

    /// <summary>Returns whether a check matters to a process of the given scope.</summary>
    public static bool Covers(this ReadinessScope scope, HealthCheckRegistration check)
        => (scope.HasFlag(ReadinessScope.Reading) && check.Tags.Contains(ReadingTag))
            || (scope.HasFlag(ReadinessScope.Writing) && check.Tags.Contains(WritingTag));

    /// <summary>Returns a line for all, one each for what the process is for, and one for each fault of its work.</summary>
    public static string Describe(this HealthReport report, ReadinessScope scope)
    {
        StringBuilder text = new(report.Status == HealthStatus.Unhealthy ? "not ready" : "ready");
        foreach ((ReadinessScope part, string tag) in new[] { (ReadinessScope.Reading, ReadingTag), (ReadinessScope.Writing, WritingTag) })
        {
            if (scope.HasFlag(part))
            {
                string faults = string.Join("; ", report.Faults(tag).Distinct());
                text.Append('\n').Append(tag).Append(": ").Append(faults.Length == 0 ? "works" : faults);
            }
        }

        foreach (string fault in report.Faults(WorkTag))
        {
            text.Append('\n').Append(fault);
        }

        return text.ToString();
    }

    /// <summary>Returns the faults of the work behind the answers.</summary>
    public static string DescribeWork(this HealthReport report)
        => report.Status == HealthStatus.Healthy ? "all work goes on" : string.Join('\n', report.Faults(WorkTag));

    private static IEnumerable<string> Faults(this HealthReport report, string tag)
    {
        foreach (HealthReportEntry entry in report.Entries.Values)
        {
            if (entry.Status != HealthStatus.Healthy && entry.Tags.Contains(tag))
            {
                yield return entry.Description ?? entry.Exception?.Message ?? "fails";
            }
        }
    }
}
