using ImagingIngestion.Grains.Cluster;

namespace ImagingIngestion.Gateways.Cluster;

/// <summary>The end of an attempt of a call at one silo.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Answer">With <see cref="SiloReplyKind.Answered"/>.</param>
/// <param name="Reason">Why there is none, otherwise.</param>
public readonly record struct SiloReply(SiloReplyKind Kind, GrainAnswer? Answer, string Reason)
{
    public static SiloReply Answered(GrainAnswer answer) => new(SiloReplyKind.Answered, answer, "");

    public static SiloReply NotSent(string reason) => new(SiloReplyKind.NotSent, null, reason);

    public static SiloReply Unknown(string reason) => new(SiloReplyKind.Unknown, null, reason);
}
