using System.Net;
using System.Security.Cryptography.X509Certificates;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Associations;

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
