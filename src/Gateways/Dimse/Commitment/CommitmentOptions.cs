using ImagingIngestion.Settings;
using Microsoft.Extensions.Configuration;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>How requests for storage commitment are kept, checked and reported.</summary>
public sealed record CommitmentOptions
{
    /// <summary>The settings of this class.</summary>
    public static readonly OptionsSection<CommitmentOptions> Section = new(
        "Commitment",
        defaults =>
        [
            new(
                "Commitment:MaxAge",
                Form.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30), defaults.MaxAge),
                "storage commitment: how long a report is tried"),
            new(
                "Commitment:Grace",
                Form.Duration(TimeSpan.Zero, TimeSpan.FromHours(24), defaults.Grace),
                "how long instances that are missing may still arrive before they are reported as failed"),
            new(
                "Commitment:ReportDelay",
                Form.Duration(TimeSpan.Zero, TimeSpan.FromHours(1), defaults.ReportDelay),
                "pause before the report, for requestors that release their association after the answer"),
            new(
                "Commitment:RetryDelay",
                Form.Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10), defaults.RetryDelay),
                "pause after the first report that failed; doubles up to 10 min"),
            new(
                "Commitment:AnswerTimeout",
                Form.Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(40), defaults.AnswerTimeout),
                "how long the requestor may take to answer a report; at most 40 s"),
            new("Commitment:MaxReferences", Form.Whole(1, 20_000, defaults.MaxReferences), "instances of one request"),
            new(
                "Commitment:MaxWaiting",
                Form.Whole(1, 1_000_000, defaults.MaxWaiting),
                "requests that wait for their report; all together for 100 times as many instances"),
        ],
        (section, options) => section.Bind(options));

    /// <summary>How long a report is tried; after that the request is dropped.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long after the request instances that are missing may still arrive before they are reported as failed.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a report waits at least.</summary>
    /// <remarks>A requestor that releases its association after the answer is not caught in the middle.</remarks>
    public TimeSpan ReportDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The pause after the first report that failed; each further one doubles it.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the requestor may take to answer a report.</summary>
    /// <remarks>A requestor that is silent on the association of its request is called at once on another.</remarks>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Instances of one request.</summary>
    public int MaxReferences { get; set; } = 10_000;

    /// <summary>Requests that may wait for their report.</summary>
    public int MaxWaiting { get; set; } = 10_000;
}
