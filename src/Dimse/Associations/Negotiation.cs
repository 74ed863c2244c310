using ImagingIngestion.Dicom.Writing;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;

namespace ImagingIngestion.Dimse.Associations;

/// <summary>The results of request and accept of an association (PS3.7 annex D.3, PS3.8 annex D).</summary>
internal static class Negotiation
{
    /// <summary>Makes the request of a requestor.</summary>
    public static AssociateRequestPdu Ask(AssociationRequest request, AssociationOptions options) => new()
    {
        CallingAeTitle = request.CallingAeTitle.Value,
        CalledAeTitle = request.CalledAeTitle.Value,
        PresentationContexts = request.PresentationContexts,
        UserInformation = Ourselves(options) with
        {
            AsynchronousOperations = request.OperationsInvoked == 1 ? null : new AsynchronousOperationsWindow(
                (ushort)Math.Clamp(request.OperationsInvoked, 0, ushort.MaxValue), request.Services.Count == 0 ? (ushort)1 : Cap(options)),
            RoleSelections = request.Roles,
            ExtendedNegotiations = request.ExtendedNegotiations,
            UserIdentity = request.UserIdentity,
        },
    };

    /// <summary>Makes the accept of an acceptor.</summary>
    public static AssociateAcceptPdu Answer(AssociateRequestPdu request, AssociationDecision decision, AssociationOptions options)
    {
        UserInformation asked = request.UserInformation;
        return new AssociateAcceptPdu
        {
            CallingAeTitle = request.CallingAeTitle,
            CalledAeTitle = request.CalledAeTitle,
            PresentationContexts = decision.Contexts,
            UserInformation = Ourselves(options) with
            {
                AsynchronousOperations = asked.AsynchronousOperations is { } window
                    ? new AsynchronousOperationsWindow(Within(window.Invoked, options), Within(window.Performed, options))
                    : null,
                RoleSelections = [.. Granted(asked.RoleSelections, decision.Roles)],
                ExtendedNegotiations = [.. decision.ExtendedNegotiations.Where(
                    granted => asked.ExtendedNegotiations.Any(proposed => proposed.SopClassUid == granted.SopClassUid))],
                UserIdentityResponse = asked.UserIdentity?.IsResponseRequested == true ? decision.UserIdentityResponse : null,
            },
        };
    }

    /// <summary>Returns the contexts that both sides agreed on.</summary>
    /// <param name="request">What was proposed.</param>
    /// <param name="accept">What was accepted of it.</param>
    /// <param name="isRequestor">The result is that of the requestor.</param>
    public static IReadOnlyList<NegotiatedContext> Contexts(AssociateRequestPdu request, AssociateAcceptPdu accept, bool isRequestor)
    {
        List<NegotiatedContext> contexts = [];
        RoleSelection[] roles = [.. Granted(request.UserInformation.RoleSelections, accept.UserInformation.RoleSelections)];
        foreach (ContextResult result in accept.PresentationContexts.Where(result => result.Reason == ContextResultReason.Acceptance))
        {
            ProposedContext? proposed = request.PresentationContexts.FirstOrDefault(context => context.Id == result.Id);
            if (proposed is null
                || !proposed.TransferSyntaxes.Contains(result.TransferSyntax)
                || contexts.Any(context => context.Id == result.Id))
            {
                continue;
            }

            RoleSelection role = roles.FirstOrDefault(role => role.SopClassUid == proposed.AbstractSyntax)
                ?? new RoleSelection(proposed.AbstractSyntax, IsScu: true, IsScp: false);
            contexts.Add(isRequestor
                ? new NegotiatedContext(result.Id, proposed.AbstractSyntax, result.TransferSyntax, role.IsScu, role.IsScp)
                : new NegotiatedContext(result.Id, proposed.AbstractSyntax, result.TransferSyntax, role.IsScp, role.IsScu));
        }

        return contexts;
    }

    /// <summary>Returns the number of operations that a side may have open at once.</summary>
    /// <remarks>It is 1 if no window was agreed on, and the number of message IDs if it is unlimited.</remarks>
    public static int Invoked(AssociateRequestPdu request, AssociateAcceptPdu accept, bool isRequestor)
    {
        if (request.UserInformation.AsynchronousOperations is not { } asked
            || accept.UserInformation.AsynchronousOperations is not { } granted)
        {
            return 1;
        }

        return isRequestor ? Smaller(asked.Invoked, granted.Invoked) : Smaller(asked.Performed, granted.Performed);
    }

    private static UserInformation Ourselves(AssociationOptions options) => new()
    {
        MaximumLength = (uint)options.MaximumLength,
        ImplementationClassUid = FileMetaWriter.ImplementationClassUid,
        ImplementationVersionName = FileMetaWriter.ImplementationVersionName,
    };

    private static IEnumerable<RoleSelection> Granted(IReadOnlyList<RoleSelection> proposed, IReadOnlyList<RoleSelection> granted)
        => from role in granted
           let asked = proposed.FirstOrDefault(one => one.SopClassUid == role.SopClassUid)
           where asked is not null
           select new RoleSelection(role.SopClassUid, role.IsScu && asked.IsScu, role.IsScp && asked.IsScp);

    private static ushort Cap(AssociationOptions options) => (ushort)Math.Clamp(options.MaxOperationsPerformed, 1, ushort.MaxValue);

    private static ushort Within(ushort asked, AssociationOptions options) => asked == 0 ? Cap(options) : Math.Min(asked, Cap(options));

    private static int Smaller(ushort one, ushort other)
        => Math.Min(one == 0 ? ushort.MaxValue : one, other == 0 ? ushort.MaxValue : other);
}
