namespace ImagingIngestion.Options;

/// <summary>The bounds of grain calls between processes.</summary>
public sealed record ClusterCallOptions
{
    public static Setting ConnectTimeoutSetting { get; } = new("Cluster:ConnectTimeout");

    public static Setting AttemptTimeoutSetting { get; } = new("Cluster:AttemptTimeout");

    public static Setting DeadlineSetting { get; } = new("Cluster:CallDeadline");

    public static Setting MaxWaitingCallsSetting { get; } = new("Cluster:MaxWaitingCalls");

    public static Setting MaxWaitingBytesSetting { get; } = new("Cluster:MaxWaitingBytes");

    public static Setting MaxConcurrentCallsSetting { get; } = new("Cluster:MaxConcurrentCalls");

    /// <summary>How long a connection may take to come about.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one silo may take for a call before the next one is asked.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call may take over all attempts; senders wait longer than that for their answer.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Calls that a gateway may have under way.</summary>
    public int MaxWaitingCalls { get; init; } = 1024;

    /// <summary>Bytes that the calls under way may hold in a gateway; one call may be larger when it is alone.</summary>
    public long MaxWaitingBytes { get; init; } = 64L << 20;

    /// <summary>Calls that a silo takes at once; others are told to try later.</summary>
    public int MaxConcurrentCalls { get; init; } = 4096;

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static ClusterCallOptions Read(SettingsReader settings)
    {
        ClusterCallOptions defaults = new();
        ClusterCallOptions options = new()
        {
            ConnectTimeout = settings.Duration(
                ConnectTimeoutSetting, defaults.ConnectTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(1)),
            AttemptTimeout = settings.Duration(
                AttemptTimeoutSetting, defaults.AttemptTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
            Deadline = settings.Duration(DeadlineSetting, defaults.Deadline, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)),
            MaxWaitingCalls = settings.Integer(MaxWaitingCallsSetting, defaults.MaxWaitingCalls, 1, 1_000_000),
            MaxWaitingBytes = settings.Size(MaxWaitingBytesSetting, defaults.MaxWaitingBytes, 1 << 20, 1L << 40),
            MaxConcurrentCalls = settings.Integer(MaxConcurrentCallsSetting, defaults.MaxConcurrentCalls, 1, 1_000_000),
        };
        if (options.Deadline < options.AttemptTimeout)
        {
            settings.AddMistake(DeadlineSetting, $"must not be shorter than {AttemptTimeoutSetting.Key}");
        }

        return options;
    }
}
