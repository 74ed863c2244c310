using ImagingIngestion.Dimse.Pdus;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>What an association is made of once it is agreed on.</summary>
internal sealed record AssociationSetup
{
    public required UpperLayerProvider Layer { get; init; }

    public required AssociationOptions Options { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public required bool IsRequestor { get; init; }

    public required AeTitle CallingAeTitle { get; init; }

    public required AeTitle CalledAeTitle { get; init; }

    public required IReadOnlyList<NegotiatedContext> Contexts { get; init; }

    public required UserInformation Peer { get; init; }

    public required int MaxOperationsInvoked { get; init; }

    public required int MaxOperationsPerformed { get; init; }

    public required IReadOnlyList<IDimseService> Services { get; init; }

    /// <summary>Called once when it is over, before the peer can know.</summary>
    public Action? OnOver { get; init; }
}
