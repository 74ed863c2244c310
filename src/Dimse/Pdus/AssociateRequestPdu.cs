using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Pdus;

/// <summary>A-ASSOCIATE-RQ (PS3.8 section 9.3.2).</summary>
public sealed record AssociateRequestPdu : Pdu
{
    /// <summary>The application context of DICOM (PS3.7 section A.2.1).</summary>
    public const string DicomApplicationContext = "1.2.840.10008.3.1.1.1";

    public override PduType Type => PduType.AssociateRequest;

    /// <summary>Bit 0 stands for version 1, the only one.</summary>
    public ushort ProtocolVersion { get; init; } = 1;

    /// <summary>As sent, trimmed; what comes from a peer need not be a valid <see cref="AeTitle"/>.</summary>
    public required string CalledAeTitle { get; init; }

    /// <summary>As sent, trimmed; what comes from a peer need not be a valid <see cref="AeTitle"/>.</summary>
    public required string CallingAeTitle { get; init; }

    public string ApplicationContext { get; init; } = DicomApplicationContext;

    public required IReadOnlyList<ProposedContext> PresentationContexts { get; init; }

    public required UserInformation UserInformation { get; init; }
}

/// <summary>A presentation context as proposed (PS3.8 section 9.3.2.2).</summary>
/// <param name="Id">An odd number from 1 to 255.</param>
/// <param name="AbstractSyntax">A SOP class UID.</param>
/// <param name="TransferSyntaxes">UIDs in the order of the requestor's preference; none if the proposal cannot be read.</param>
public sealed record ProposedContext(byte Id, string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes);
