namespace ImagingIngestion.Dimse.Pdus;

/// <summary>How many operations may be open at once; 0 for any number (PS3.7 section D.3.3.3).</summary>
/// <param name="Invoked">By the requestor of the association.</param>
/// <param name="Performed">By its acceptor.</param>
public sealed record AsynchronousOperationsWindow(ushort Invoked, ushort Performed);

/// <summary>Which roles the requestor takes for a SOP class (PS3.7 section D.3.3.4).</summary>
public sealed record RoleSelection(string SopClassUid, bool IsScu, bool IsScp);

/// <summary>What a service says about a SOP class (PS3.7 section D.3.3.5); for queries PS3.4 section C.5.1.1: relational, date-time matching, fuzzy matching, time zone.</summary>
public sealed record ExtendedNegotiation(string SopClassUid, ReadOnlyMemory<byte> Information);

/// <summary>Who asks (PS3.7 section D.3.3.7).</summary>
/// <param name="Type">1 user name, 2 user name and passcode, 3 Kerberos, 4 SAML, 5 JSON web token.</param>
/// <param name="IsResponseRequested">The requestor wants to know that it was looked at.</param>
/// <param name="Primary">User name, ticket, assertion or token.</param>
/// <param name="Secondary">The passcode; empty for other types.</param>
public sealed record UserIdentity(byte Type, bool IsResponseRequested, ReadOnlyMemory<byte> Primary, ReadOnlyMemory<byte> Secondary);
