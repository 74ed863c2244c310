using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>Finds the contexts on which this side may invoke operations.</summary>
public static class ScuContexts
{
    /// <summary>Returns the context for a SOP class, and a transfer syntax if given; null if the peer accepted none.</summary>
    public static NegotiatedContext? FindScuContext(this Association association, string sopClassUid, string? transferSyntaxUid = null)
        => association.Contexts.FindScuContext(sopClassUid, transferSyntaxUid);

    internal static NegotiatedContext? FindScuContext(
        this IReadOnlyList<NegotiatedContext> contexts, string sopClassUid, string? transferSyntaxUid)
        => contexts.FirstOrDefault(context => context.IsScu
            && context.AbstractSyntax == sopClassUid
            && (transferSyntaxUid is null || context.TransferSyntax == transferSyntaxUid));

    /// <summary>Returns the context for a SOP class.</summary>
    /// <exception cref="AssociationException">The peer accepted none; the association is still open.</exception>
    public static NegotiatedContext ScuContext(this Association association, string sopClassUid)
        => association.FindScuContext(sopClassUid)
            ?? throw new AssociationException(
                AssociationFault.NotAccepted, $"{association.CalledAeTitle} accepted no presentation context for {sopClassUid}");
}
