namespace ImagingIngestion.Options;

/// <summary>How much DIMSE takes at once, and how long it waits.</summary>
public sealed record DimseLimitOptions
{
    public static Setting MaxAssociationsSetting { get; } = new("Dimse:MaxAssociations");

    public static Setting MaxAssociationsPerAeSetting { get; } = new("Dimse:MaxAssociationsPerAe");

    public static Setting MaxConnectionsSetting { get; } = new("Dimse:MaxConnections");

    public static Setting MaximumLengthSetting { get; } = new("Dimse:MaximumLength");

    public static Setting MaxOperationsSetting { get; } = new("Dimse:MaxOperations");

    public static Setting MoveAssociationsSetting { get; } = new("Dimse:MoveAssociations");

    public static Setting ArtimTimeoutSetting { get; } = new("Dimse:ArtimTimeout");

    public static Setting ConnectTimeoutSetting { get; } = new("Dimse:ConnectTimeout");

    public static Setting AssociationTimeoutSetting { get; } = new("Dimse:AssociationTimeout");

    public static Setting IdleTimeoutSetting { get; } = new("Dimse:IdleTimeout");

    public static Setting IdleGraceSetting { get; } = new("Dimse:IdleGrace");

    public static Setting ReceiveTimeoutSetting { get; } = new("Dimse:ReceiveTimeout");

    public static Setting SendTimeoutSetting { get; } = new("Dimse:SendTimeout");

    public static Setting ResponseTimeoutSetting { get; } = new("Dimse:ResponseTimeout");

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Most = TimeSpan.FromHours(24);

    /// <summary>Associations at once; one more takes the place of one that is idle, or is rejected for now.</summary>
    public int MaxAssociations { get; init; } = 100;

    /// <summary>Associations at once of one calling AE title; 0 sets no limit of its own.</summary>
    public int MaxAssociationsPerAe { get; init; }

    /// <summary>Connections at once, those without an association included; one more is closed.</summary>
    public int MaxConnections { get; init; } = 4096;

    /// <summary>Bytes of the longest P-DATA-TF that is taken and sent, without its header.</summary>
    public int MaximumLength { get; init; } = 256 << 10;

    /// <summary>Operations that one association may have open at once, where the peer asks for more than one.</summary>
    public int MaxOperations { get; init; } = 16;

    /// <summary>Associations at once that one C-MOVE opens to its destination.</summary>
    public int MoveAssociations { get; init; } = 1;

    /// <summary>How long an association request may take to come after the connection, and the connection to close after its end.</summary>
    public TimeSpan ArtimTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to connect, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer to an association or release request may take.</summary>
    public TimeSpan AssociationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an association may stay without any operation.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an association without operation is safe from giving way to a new one when there are as many as may be.</summary>
    public TimeSpan IdleGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a peer may stay silent within a message.</summary>
    public TimeSpan ReceiveTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a peer may take nothing of what is sent.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a response to a request may take.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Reads the options; mistakes are with the reader.</summary>
    public static DimseLimitOptions Read(SettingsReader settings)
    {
        DimseLimitOptions defaults = new();
        return new DimseLimitOptions
        {
            MaxAssociations = settings.Integer(MaxAssociationsSetting, defaults.MaxAssociations, 1, 100_000),
            MaxAssociationsPerAe = settings.Integer(MaxAssociationsPerAeSetting, defaults.MaxAssociationsPerAe, 0, 100_000),
            MaxConnections = settings.Integer(MaxConnectionsSetting, defaults.MaxConnections, 1, 100_000),
            MaximumLength = (int)settings.Size(MaximumLengthSetting, defaults.MaximumLength, 4 << 10, 1 << 20),
            MaxOperations = settings.Integer(MaxOperationsSetting, defaults.MaxOperations, 1, 1000),
            MoveAssociations = settings.Integer(MoveAssociationsSetting, defaults.MoveAssociations, 1, 64),
            ArtimTimeout = settings.Duration(ArtimTimeoutSetting, defaults.ArtimTimeout, Least, Most),
            ConnectTimeout = settings.Duration(ConnectTimeoutSetting, defaults.ConnectTimeout, Least, Most),
            AssociationTimeout = settings.Duration(AssociationTimeoutSetting, defaults.AssociationTimeout, Least, Most),
            IdleTimeout = settings.Duration(IdleTimeoutSetting, defaults.IdleTimeout, Least, Most),
            IdleGrace = settings.Duration(IdleGraceSetting, defaults.IdleGrace, TimeSpan.Zero, Most),
            ReceiveTimeout = settings.Duration(ReceiveTimeoutSetting, defaults.ReceiveTimeout, Least, Most),
            SendTimeout = settings.Duration(SendTimeoutSetting, defaults.SendTimeout, Least, Most),
            ResponseTimeout = settings.Duration(ResponseTimeoutSetting, defaults.ResponseTimeout, Least, Most),
        };
    }
}
