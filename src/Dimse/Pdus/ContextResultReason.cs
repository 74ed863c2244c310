namespace ImagingIngestion.Dimse.Pdus;

/// <summary>Result/Reason of a presentation context (PS3.8 table 9-18).</summary>
public enum ContextResultReason : byte
{
    Acceptance = 0,
    UserRejection = 1,
    NoReason = 2,
    AbstractSyntaxNotSupported = 3,
    TransferSyntaxesNotSupported = 4,
}
