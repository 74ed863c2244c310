using System.Net;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>Decides on association requests.</summary>
public interface IAssociationPolicy
{
    /// <summary>Decides; an exception rejects the association as transient and is logged.</summary>
    ValueTask<AssociationDecision> DecideAsync(AssociationOffer offer, CancellationToken cancellationToken);
}

/// <summary>A presentation context that both sides agreed on.</summary>
/// <param name="Id">Odd, from 1 to 255.</param>
/// <param name="AbstractSyntax">The SOP class UID.</param>
/// <param name="TransferSyntax">The encoding of data sets.</param>
/// <param name="IsScu">This side may invoke operations as SCU.</param>
/// <param name="IsScp">This side performs operations as SCP.</param>
public sealed record NegotiatedContext(byte Id, string AbstractSyntax, string TransferSyntax, bool IsScu, bool IsScp);

/// <summary>An association request that an acceptor decides on: the protocol is right, both titles are valid.</summary>
public sealed record AssociationOffer
{
    public required AeTitle CallingAeTitle { get; init; }

    public required AeTitle CalledAeTitle { get; init; }

    public required IReadOnlyList<ProposedContext> PresentationContexts { get; init; }

    public required UserInformation UserInformation { get; init; }

    /// <summary>Null over a pipe that is no network connection.</summary>
    public EndPoint? RemoteEndPoint { get; init; }

    /// <summary>What the peer showed over TLS, already validated.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}
