namespace ImagingIngestion.Options;

/// <summary>Everything that can be set; each value has a default that works in one process.</summary>
public sealed record ImagingOptions
{
    /// <summary>What the process does.</summary>
    public ProcessRoles Roles { get; init; } = ProcessRoles.All;

    public ServerOptions Server { get; init; } = new();

    public HttpOptions Http { get; init; } = new();

    public StorageOptions Storage { get; init; } = new();

    /// <summary>The database of the manifest; null where it is a SQLite file.</summary>
    public DatabaseOptions? Database { get; init; }

    /// <summary>The bucket of the objects; null where they are in a folder.</summary>
    public BucketOptions? Bucket { get; init; }

    public ProviderOptions Provider { get; init; } = new();

    public IngestOptions Ingest { get; init; } = new();

    public GrainOptions Grains { get; init; } = new();

    public RevisionOptions Revisions { get; init; } = new();

    public EventOptions Events { get; init; } = new();

    public SweeperOptions Sweeper { get; init; } = new();

    public DimseOptions Dimse { get; init; } = new();

    public CommitmentOptions Commitment { get; init; } = new();

    public ClusterOptions Cluster { get; init; } = new();

    /// <summary>The bindings that this process runs.</summary>
    public IReadOnlyList<BindingOptions> Bindings { get; init; } = [];

    /// <summary>Whether the process reads or writes objects. Grains see keys only, and bindings fetch instances over WADO-RS.</summary>
    public bool UsesObjects => Has(ProcessRoles.Stow | ProcessRoles.Wado | ProcessRoles.Dimse);

    /// <summary>Whether the process calls study grains: to store, to delete.</summary>
    public bool CallsGrains => Has(ProcessRoles.Stow | ProcessRoles.Dimse);

    /// <summary>Whether the process has one of the roles at least.</summary>
    public bool Has(ProcessRoles any) => (Roles & any) != 0;

    /// <summary>Reads all options; when the reader has mistakes afterwards, the process must not start.</summary>
    public static ImagingOptions Read(SettingsReader settings, ProcessKind kind = ProcessKind.Silo)
    {
        ImagingOptions options = new()
        {
            Roles = RoleReader.Read(settings, kind),
            Server = ServerOptions.Read(settings),
            Http = HttpOptions.Read(settings),
            Storage = StorageOptions.Read(settings),
            Database = DatabaseOptions.Read(settings),
            Bucket = BucketOptions.Read(settings),
            Provider = ProviderOptions.Read(settings),
            Ingest = IngestOptions.Read(settings),
            Grains = GrainOptions.Read(settings),
            Revisions = RevisionOptions.Read(settings),
            Events = EventOptions.Read(settings),
            Sweeper = SweeperOptions.Read(settings),
            Commitment = CommitmentOptions.Read(settings),
            Dimse = DimseOptions.Read(settings),
            Cluster = ClusterOptions.Read(settings),
            Bindings = BindingDeclarations.Read(settings),
        };
        ClusterRules.Check(settings, options);
        return options;
    }
}
