using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>What a requestor asks for.</summary>
public sealed record AssociationRequest
{
    public required AeTitle CallingAeTitle { get; init; }

    public required AeTitle CalledAeTitle { get; init; }

    /// <summary>1 to 128, with odd IDs of their own.</summary>
    public required IReadOnlyList<ProposedContext> PresentationContexts { get; init; }

    /// <summary>Where the requestor is SCP, too or instead.</summary>
    public IReadOnlyList<RoleSelection> Roles { get; init; } = [];

    public IReadOnlyList<ExtendedNegotiation> ExtendedNegotiations { get; init; } = [];

    public UserIdentity? UserIdentity { get; init; }

    /// <summary>Operations that this side would like to have open at once; 1 does not negotiate, 0 is any number.</summary>
    public int OperationsInvoked { get; init; } = 1;

    /// <summary>Perform what the peer invokes, such as the C-STORE of a C-GET.</summary>
    public IReadOnlyList<IDimseService> Services { get; init; } = [];
}
