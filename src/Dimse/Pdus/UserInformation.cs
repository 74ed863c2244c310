namespace ImagingIngestion.Dimse.Pdus;

/// <summary>The user information item (PS3.7 annex D.3.3, PS3.8 annex D.1).</summary>
public sealed record UserInformation
{
    /// <summary>The longest P-DATA-TF, without its header of six bytes, that the sender of this item takes; 0 for any (PS3.8 section D.1).</summary>
    public required uint MaximumLength { get; init; }

    /// <summary>A P-DATA-TF of that length holds a presentation data value with a fragment, of even length, of a message (PS3.8 section 9.3.5).</summary>
    public bool HoldsValues => MaximumLength is 0 or >= DataTransferPdu.ValueHeaderSize + 2;

    /// <summary>Null when the peer leaves it out, which it may not.</summary>
    public string? ImplementationClassUid { get; init; }

    /// <summary>At most 16 characters.</summary>
    public string? ImplementationVersionName { get; init; }

    /// <summary>Null for the default of one operation at a time.</summary>
    public AsynchronousOperationsWindow? AsynchronousOperations { get; init; }

    public IReadOnlyList<RoleSelection> RoleSelections { get; init; } = [];

    public IReadOnlyList<ExtendedNegotiation> ExtendedNegotiations { get; init; } = [];

    /// <summary>Only in a request.</summary>
    public UserIdentity? UserIdentity { get; init; }

    /// <summary>The server response of an accept, where the request asked for one (PS3.7 section D.3.3.7.2).</summary>
    public ReadOnlyMemory<byte>? UserIdentityResponse { get; init; }
}
