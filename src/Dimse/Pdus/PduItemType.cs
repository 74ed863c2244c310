namespace ImagingIngestion.Dimse.Pdus;

/// <summary>The first byte of an item (PS3.8 section 9.3.2, PS3.7 annex D.3.3). Types that are not named here are skipped, 57H (common extended negotiation) among them.</summary>
internal enum PduItemType : byte
{
    ApplicationContext = 0x10,
    ProposedContext = 0x20,
    ContextResult = 0x21,
    AbstractSyntax = 0x30,
    TransferSyntax = 0x40,
    UserInformation = 0x50,
    MaximumLength = 0x51,
    ImplementationClassUid = 0x52,
    AsynchronousOperations = 0x53,
    RoleSelection = 0x54,
    ImplementationVersionName = 0x55,
    ExtendedNegotiation = 0x56,
    UserIdentity = 0x58,
    UserIdentityResponse = 0x59,
}
