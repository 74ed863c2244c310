using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>What an acceptor makes of an offer.</summary>
public sealed record AssociationDecision
{
    private AssociationDecision()
    {
    }

    /// <summary>Null when it is accepted.</summary>
    public RejectReason? Rejection { get; private init; }

    /// <summary>One for each proposed context, in its order.</summary>
    public IReadOnlyList<ContextResult> Contexts { get; private init; } = [];

    /// <summary>What is granted of the proposed roles; others stay at the default, requestor as SCU.</summary>
    public IReadOnlyList<RoleSelection> Roles { get; init; } = [];

    /// <summary>What is granted of the proposed extended negotiations.</summary>
    public IReadOnlyList<ExtendedNegotiation> ExtendedNegotiations { get; init; } = [];

    /// <summary>Sent where the requestor asked for a response to its user identity.</summary>
    public ReadOnlyMemory<byte>? UserIdentityResponse { get; init; }

    public static AssociationDecision Reject(RejectReason reason) => new() { Rejection = reason };

    public static AssociationDecision Accept(IReadOnlyList<ContextResult> contexts) => new() { Contexts = contexts };
}
