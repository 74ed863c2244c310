namespace ImagingIngestion.Dimse.Pdus;

/// <summary>A-ASSOCIATE-AC (PS3.8 section 9.3.3).</summary>
public sealed record AssociateAcceptPdu : Pdu
{
    public override PduType Type => PduType.AssociateAccept;

    public ushort ProtocolVersion { get; init; } = 1;

    /// <summary>The title of the request is sent back; its value is not tested when received.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>The title of the request is sent back; its value is not tested when received.</summary>
    public required string CallingAeTitle { get; init; }

    public string ApplicationContext { get; init; } = AssociateRequestPdu.DicomApplicationContext;

    public required IReadOnlyList<ContextResult> PresentationContexts { get; init; }

    public required UserInformation UserInformation { get; init; }
}

/// <summary>The result for a proposed presentation context (PS3.8 section 9.3.3.2).</summary>
/// <param name="Id">The ID of the proposal.</param>
/// <param name="Reason">Acceptance, or the reason for a refusal.</param>
/// <param name="TransferSyntax">The one to use; without meaning if not accepted.</param>
public sealed record ContextResult(byte Id, ContextResultReason Reason, string TransferSyntax);

/// <summary>Result/Reason of a presentation context (PS3.8 table 9-18).</summary>
public enum ContextResultReason : byte
{
    Acceptance = 0,
    UserRejection = 1,
    NoReason = 2,
    AbstractSyntaxNotSupported = 3,
    TransferSyntaxesNotSupported = 4,
}
