namespace ImagingIngestion.Dimse.Pdus;

/// <summary>Reads the user information item (PS3.7 annex D.3.3, PS3.8 annex D.1); of repeated single items the first counts.</summary>
internal static class UserInformationReader
{
    /// <exception cref="PduException">An item of it is too short.</exception>
    public static UserInformation Read(ReadOnlySpan<byte> bytes)
    {
        UserInformation user = new() { MaximumLength = 0 };
        bool hasMaximumLength = false;
        List<RoleSelection> roles = [];
        List<ExtendedNegotiation> negotiations = [];
        PduItems items = new(bytes);
        while (items.Read())
        {
            ReadOnlySpan<byte> value = items.Value;
            switch (items.Type)
            {
                case PduItemType.MaximumLength when !hasMaximumLength:
                    user = user with { MaximumLength = PduField.TakeLong(ref value) };
                    hasMaximumLength = true;
                    break;
                case PduItemType.RoleSelection:
                    roles.Add(ReadRole(value));
                    break;
                case PduItemType.ExtendedNegotiation:
                    negotiations.Add(new ExtendedNegotiation(PduField.Text(PduField.TakeCounted(ref value)), value.ToArray()));
                    break;
                default:
                    user = ReadOne(user, items.Type, value);
                    break;
            }
        }

        return user with { RoleSelections = roles, ExtendedNegotiations = negotiations };
    }

    private static UserInformation ReadOne(UserInformation user, PduItemType type, ReadOnlySpan<byte> value) => type switch
    {
        PduItemType.ImplementationClassUid when user.ImplementationClassUid is null =>
            user with { ImplementationClassUid = PduField.Text(value) },
        PduItemType.ImplementationVersionName when user.ImplementationVersionName is null =>
            user with { ImplementationVersionName = PduField.Text(value) },
        PduItemType.AsynchronousOperations when user.AsynchronousOperations is null =>
            user with { AsynchronousOperations = new(PduField.TakeNumber(ref value), PduField.TakeNumber(ref value)) },
        PduItemType.UserIdentity when user.UserIdentity is null => user with { UserIdentity = ReadIdentity(value) },
        PduItemType.UserIdentityResponse when user.UserIdentityResponse is null =>
            user with { UserIdentityResponse = PduField.TakeCounted(ref value).ToArray() },
        _ => user,
    };

    private static RoleSelection ReadRole(ReadOnlySpan<byte> value)
    {
        string sopClass = PduField.Text(PduField.TakeCounted(ref value));
        return new RoleSelection(sopClass, IsScu: PduField.TakeByte(ref value) == 1, IsScp: PduField.TakeByte(ref value) == 1);
    }

    private static UserIdentity ReadIdentity(ReadOnlySpan<byte> value)
    {
        byte type = PduField.TakeByte(ref value);
        bool isResponseRequested = PduField.TakeByte(ref value) == 1;
        return new UserIdentity(
            type, isResponseRequested, PduField.TakeCounted(ref value).ToArray(), PduField.TakeCounted(ref value).ToArray());
    }
}
