using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Gateways.Dimse.Find;

/// <summary>What the extended negotiation of queries grants (PS3.4 section C.5.1.1): whatever of these three is proposed.</summary>
/// <param name="IsRelational">Unique keys of the levels above may be missing.</param>
/// <param name="CombinesDateTimes">A date range and a time range are one range of instants.</param>
/// <param name="IsFuzzy">Names match by the words they have.</param>
internal sealed record QueryOptions(bool IsRelational, bool CombinesDateTimes, bool IsFuzzy)
{
    private const int Fields = 3;

    /// <summary>Without extended negotiation.</summary>
    public static QueryOptions Default { get; } = new(false, false, false);

    public static QueryOptions Of(Association association, string sopClass)
        => association.Peer.ExtendedNegotiations.FirstOrDefault(proposed => proposed.SopClassUid == sopClass) is { } proposed
            ? Of(proposed)
            : Default;

    /// <summary>The same fields with 1 where it is granted; fields that are not known here, time zones among them, are not.</summary>
    public static ExtendedNegotiation? Grant(ExtendedNegotiation proposed)
    {
        byte[] granted = new byte[Math.Clamp(proposed.Information.Length, 1, Fields + 1)];
        for (int index = 0; index < Fields && index < granted.Length; index++)
        {
            granted[index] = IsSet(proposed, index) ? (byte)1 : (byte)0;
        }

        return proposed with { Information = granted };
    }

    private static QueryOptions Of(ExtendedNegotiation proposed) => new(IsSet(proposed, 0), IsSet(proposed, 1), IsSet(proposed, 2));

    private static bool IsSet(ExtendedNegotiation proposed, int index)
        => proposed.Information.Length > index && proposed.Information.Span[index] == 1;
}
