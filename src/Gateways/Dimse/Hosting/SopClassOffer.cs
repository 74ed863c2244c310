using ImagingIngestion.Dimse.Pdus;

namespace ImagingIngestion.Gateways.Dimse.Hosting;

/// <summary>What a DIMSE service offers to those who ask for associations; the services register one or more.</summary>
public sealed record SopClassOffer
{
    /// <summary>Whether the offer is about this abstract syntax.</summary>
    public required Func<string, bool> Covers { get; init; }

    /// <summary>Picks one of the proposed transfer syntaxes; null when it takes none.</summary>
    public required Func<IReadOnlyList<string>, string?> ChooseTransferSyntax { get; init; }

    /// <summary>The requestor may be SCP of the SOP class, where it proposes to: it gets instances by C-GET, or reports of storage commitment.</summary>
    public bool AllowsRequestorAsScp { get; init; }

    /// <summary>What is granted of a proposed extended negotiation; null grants nothing.</summary>
    public Func<ExtendedNegotiation, ExtendedNegotiation?> Negotiate { get; init; } = _ => null;
}
