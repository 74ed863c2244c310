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
