namespace ImagingIngestion.Dimse.Pdus;

/// <summary>Writes the user information item (PS3.7 annex D.3.3, PS3.8 annex D.1), its items in ascending order of their types.</summary>
internal static class UserInformationWriter
{
    public static void Write(PduBuilder body, UserInformation user)
    {
        int all = body.Begin(PduItemType.UserInformation);
        int begin = body.Begin(PduItemType.MaximumLength);
        body.Long(user.MaximumLength);
        body.End(begin);
        if (user.ImplementationClassUid is { } implementation)
        {
            body.Item(PduItemType.ImplementationClassUid, implementation);
        }

        if (user.AsynchronousOperations is { } window)
        {
            begin = body.Begin(PduItemType.AsynchronousOperations);
            body.Number(window.Invoked);
            body.Number(window.Performed);
            body.End(begin);
        }

        WriteRoles(body, user.RoleSelections);
        if (user.ImplementationVersionName is { } version)
        {
            body.Item(PduItemType.ImplementationVersionName, version);
        }

        WriteNegotiations(body, user.ExtendedNegotiations);
        WriteIdentity(body, user);
        body.End(all);
    }

    private static void WriteRoles(PduBuilder body, IReadOnlyList<RoleSelection> roles)
    {
        foreach (RoleSelection role in roles)
        {
            int begin = body.Begin(PduItemType.RoleSelection);
            body.Counted(role.SopClassUid);
            body.Raw([Flag(role.IsScu), Flag(role.IsScp)]);
            body.End(begin);
        }
    }

    private static void WriteNegotiations(PduBuilder body, IReadOnlyList<ExtendedNegotiation> negotiations)
    {
        foreach (ExtendedNegotiation negotiation in negotiations)
        {
            int begin = body.Begin(PduItemType.ExtendedNegotiation);
            body.Counted(negotiation.SopClassUid);
            body.Raw(negotiation.Information.Span);
            body.End(begin);
        }
    }

    private static void WriteIdentity(PduBuilder body, UserInformation user)
    {
        if (user.UserIdentity is { } identity)
        {
            int begin = body.Begin(PduItemType.UserIdentity);
            body.Raw([identity.Type, Flag(identity.IsResponseRequested)]);
            body.Counted(identity.Primary.Span);
            body.Counted(identity.Secondary.Span);
            body.End(begin);
        }

        if (user.UserIdentityResponse is { } response)
        {
            int begin = body.Begin(PduItemType.UserIdentityResponse);
            body.Counted(response.Span);
            body.End(begin);
        }
    }

    private static byte Flag(bool value) => (byte)(value ? 1 : 0);
}
