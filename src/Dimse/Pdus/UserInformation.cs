namespace ImagingIngestion.Dimse.Pdus;

/// <summary>The user information item (PS3.7 annex D.3.3, PS3.8 annex D.1).</summary>
public sealed record UserInformation
{
    /// <summary>The longest P-DATA-TF, without its header of six bytes, that the sender accepts; 0 for any (PS3.8 section D.1).</summary>
    public required uint MaximumLength { get; init; }

    /// <summary>
    /// A P-DATA-TF of that length can hold a presentation data value with a fragment of even length (PS3.8 section 9.3.5).
    /// </summary>
    public bool HoldsValues => MaximumLength is 0 or >= DataTransferPdu.ValueHeaderSize + 2;

    /// <summary>Null if the peer leaves it out, which the standard forbids.</summary>
    public string? ImplementationClassUid { get; init; }

    /// <summary>At most 16 characters.</summary>
    public string? ImplementationVersionName { get; init; }

    /// <summary>Null for the default of one operation at a time.</summary>
    public AsynchronousOperationsWindow? AsynchronousOperations { get; init; }

    public IReadOnlyList<RoleSelection> RoleSelections { get; init; } = [];

    public IReadOnlyList<ExtendedNegotiation> ExtendedNegotiations { get; init; } = [];

    /// <summary>Only in a request.</summary>
    public UserIdentity? UserIdentity { get; init; }

    /// <summary>The server response of an accept, if the request asked for one (PS3.7 section D.3.3.7.2).</summary>
    public ReadOnlyMemory<byte>? UserIdentityResponse { get; init; }
}

/// <summary>The number of operations that may be open at once; 0 for any number (PS3.7 section D.3.3.3).</summary>
/// <param name="Invoked">By the requestor of the association.</param>
/// <param name="Performed">By its acceptor.</param>
public sealed record AsynchronousOperationsWindow(ushort Invoked, ushort Performed);

/// <summary>The roles of the requestor for a SOP class (PS3.7 section D.3.3.4).</summary>
public sealed record RoleSelection(string SopClassUid, bool IsScu, bool IsScp);

/// <summary>Information of a service about a SOP class (PS3.7 section D.3.3.5).</summary>
/// <remarks>For queries (PS3.4 section C.5.1.1): relational, date-time matching, fuzzy matching, time zone.</remarks>
public sealed record ExtendedNegotiation(string SopClassUid, ReadOnlyMemory<byte> Information);

/// <summary>The identity of the requestor (PS3.7 section D.3.3.7).</summary>
/// <param name="Type">1 user name, 2 user name and passcode, 3 Kerberos, 4 SAML, 5 JSON web token.</param>
/// <param name="IsResponseRequested">The requestor wants a confirmation that it was checked.</param>
/// <param name="Primary">User name, ticket, assertion or token.</param>
/// <param name="Secondary">The passcode; empty for other types.</param>
public sealed record UserIdentity(byte Type, bool IsResponseRequested, ReadOnlyMemory<byte> Primary, ReadOnlyMemory<byte> Secondary);
