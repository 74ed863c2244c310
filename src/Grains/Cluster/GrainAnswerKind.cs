namespace ImagingIngestion.Grains.Cluster;

/// <summary>What a silo answers to a call. The numbers are part of the contract between processes.</summary>
public enum GrainAnswerKind : byte
{
    /// <summary>What became of an arriving instance.</summary>
    Stored = 1,

    /// <summary>How many instances were deleted.</summary>
    Deleted = 2,

    /// <summary>Whether the revision was closed.</summary>
    Revised = 3,

    /// <summary><see cref="Manifest.Ports.ManifestUnavailableException"/>: nothing is known to be committed.</summary>
    ManifestUnavailable = 16,

    /// <summary>The same, for want of space.</summary>
    ManifestFull = 17,

    /// <summary>Nothing was done, the silo has no room: the same silo again, later.</summary>
    Overloaded = 18,

    /// <summary>Nothing was done, the silo is leaving: another silo, at once.</summary>
    Stopping = 19,

    /// <summary>Nothing was done, the address belongs to another silo by now: another one, at once.</summary>
    NotThisSilo = 20,

    /// <summary>
    /// Nothing was done, the caller does not wait any more by the clock of the silo, or the silo has seen the call before.
    /// </summary>
    Stale = 21,

    /// <summary>The call began and was cut off; it may be committed.</summary>
    Interrupted = 22,

    /// <summary>Nothing was done, the silo does not understand the call.</summary>
    NotUnderstood = 23,

    /// <summary>The call failed in a way nobody foresaw; the silo's log has the error.</summary>
    Failed = 24,

    /// <summary>The time of the silo's clock, which every answer carries beside its body.</summary>
    Clock = 32,
}
