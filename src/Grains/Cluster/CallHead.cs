namespace ImagingIngestion.Grains.Cluster;

/// <summary>What a call says beside its body; all of it is sealed.</summary>
/// <param name="Path">The path of the request.</param>
/// <param name="Silo">The silo that is meant: a call recorded elsewhere is none of its.</param>
/// <param name="Nonce">32 hexadecimal digits, new for every attempt.</param>
/// <param name="Deadline">
/// Until when the caller waits, in milliseconds of the clock of the silo that is called; 0 where the path needs none.
/// </param>
/// <param name="IsForwarded">It comes from a silo that gave it on, and is decided where it arrives.</param>
/// <param name="BodyHash">SHA-256 of the body.</param>
public sealed record CallHead(string Path, string Silo, string Nonce, long Deadline, bool IsForwarded, string BodyHash)
{
    /// <summary>Where grain calls go.</summary>
    public const string CallPath = "/cluster/v1/call";

    /// <summary>Where a silo tells its clock.</summary>
    public const string ClockPath = "/cluster/v1/clock";

    public const string SiloHeader = "imaging-silo";
    public const string NonceHeader = "imaging-nonce";
    public const string DeadlineHeader = "imaging-deadline";
    public const string ForwardedHeader = "imaging-forwarded";
    public const string BodyHashHeader = "imaging-body-hash";
    public const string SealHeader = "imaging-seal";

    /// <summary>Of answers: the silo's clock in milliseconds.</summary>
    public const string ClockHeader = "imaging-clock";
}
