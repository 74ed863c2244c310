using System.Net;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>Decides on association requests.</summary>
public interface IAssociationPolicy
{
    /// <summary>Decides on an offer; an exception rejects the association as transient and is logged.</summary>
    ValueTask<AssociationDecision> DecideAsync(AssociationOffer offer, CancellationToken cancellationToken);
}

/// <summary>A presentation context that both sides agreed on.</summary>
/// <param name="Id">Odd, from 1 to 255.</param>
/// <param name="AbstractSyntax">The SOP class UID.</param>
/// <param name="TransferSyntax">The encoding of data sets.</param>
/// <param name="IsScu">This side may invoke operations as SCU.</param>
/// <param name="IsScp">This side performs operations as SCP.</param>
public sealed record NegotiatedContext(byte Id, string AbstractSyntax, string TransferSyntax, bool IsScu, bool IsScp);

/// <summary>An association request for an acceptor to decide on; the protocol is right, and both titles are valid.</summary>
public sealed record AssociationOffer
{
    public required AeTitle CallingAeTitle { get; init; }

    public required AeTitle CalledAeTitle { get; init; }

    public required IReadOnlyList<ProposedContext> PresentationContexts { get; init; }

    public required UserInformation UserInformation { get; init; }

    /// <summary>Null if the pipe is not a network connection.</summary>
    public EndPoint? RemoteEndPoint { get; init; }

    /// <summary>The peer's TLS certificate, already validated.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}

/// <summary>The decision of an acceptor on an offer.</summary>
public sealed record AssociationDecision
{
    private AssociationDecision()
    {
    }

    /// <summary>Null if it is accepted.</summary>
    public RejectReason? Rejection { get; private init; }

    /// <summary>One for each proposed context, in its order.</summary>
    public IReadOnlyList<ContextResult> Contexts { get; private init; } = [];

    /// <summary>The granted ones of the proposed roles; others stay at the default, requestor as SCU.</summary>
    public IReadOnlyList<RoleSelection> Roles { get; init; } = [];

    /// <summary>The granted ones of the proposed extended negotiations.</summary>
    public IReadOnlyList<ExtendedNegotiation> ExtendedNegotiations { get; init; } = [];

    /// <summary>Sent if the requestor asked for a response to its user identity.</summary>
    public ReadOnlyMemory<byte>? UserIdentityResponse { get; init; }

    public static AssociationDecision Reject(RejectReason reason) => new() { Rejection = reason };

    public static AssociationDecision Accept(IReadOnlyList<ContextResult> contexts) => new() { Contexts = contexts };
}
