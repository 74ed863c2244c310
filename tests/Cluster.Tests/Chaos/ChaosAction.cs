namespace ImagingIngestion.Cluster.Tests.Chaos;

/// <summary>A disturbance of a cluster.</summary>
internal enum ChaosAction
{
    /// <summary>SIGKILL of a silo, and a new start.</summary>
    KillSilo,

    /// <summary>SIGKILL of a gateway or binding process, and a new start.</summary>
    KillGateway,

    /// <summary>SIGSTOP of a silo for longer than every time-out, then SIGCONT.</summary>
    FreezeSilo,

    /// <summary>SIGSTOP of a gateway or binding process for longer than every time-out, then SIGCONT.</summary>
    FreezeGateway,

    /// <summary>PostgreSQL restarts at once, without waiting for its sessions.</summary>
    RestartDatabase,

    /// <summary>The S3 server is gone for a while.</summary>
    StopBucket,

    /// <summary>Another session of the database holds the rows of many studies for a while.</summary>
    LockStudies,

    /// <summary>The database role of the processes lacks a privilege for a while.</summary>
    RevokePrivilege,

    /// <summary>The proxy before the S3 server cuts connections, refuses, loses answers and lies for a while.</summary>
    ConfuseBucket,

    /// <summary>One more silo joins.</summary>
    AddSilo,
}
