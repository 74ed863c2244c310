namespace ImagingIngestion.Options;

/// <summary>Everything that can be set; each value has a default that works in one process.</summary>
public sealed record ImagingOptions
{
    public ServerOptions Server { get; init; } = new();

    public StorageOptions Storage { get; init; } = new();

    public ProviderOptions Provider { get; init; } = new();

    public IngestOptions Ingest { get; init; } = new();

    public GrainOptions Grains { get; init; } = new();

    public RevisionOptions Revisions { get; init; } = new();

    public EventOptions Events { get; init; } = new();

    public SweeperOptions Sweeper { get; init; } = new();

    public DimseOptions Dimse { get; init; } = new();

    public CommitmentOptions Commitment { get; init; } = new();

    /// <summary>The bindings that this process runs.</summary>
    public IReadOnlyList<BindingOptions> Bindings { get; init; } = [];

    /// <summary>Reads all options; when the reader has mistakes afterwards, the process must not start.</summary>
    public static ImagingOptions Read(SettingsReader settings) => new()
    {
        Server = ServerOptions.Read(settings),
        Storage = StorageOptions.Read(settings),
        Provider = ProviderOptions.Read(settings),
        Ingest = IngestOptions.Read(settings),
        Grains = GrainOptions.Read(settings),
        Revisions = RevisionOptions.Read(settings),
        Events = EventOptions.Read(settings),
        Sweeper = SweeperOptions.Read(settings),
        Commitment = CommitmentOptions.Read(settings),
        Dimse = DimseOptions.Read(settings),
        Bindings = BindingDeclarations.Read(settings),
    };
}
