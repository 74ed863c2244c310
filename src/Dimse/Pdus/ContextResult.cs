namespace ImagingIngestion.Dimse.Pdus;

/// <summary>What became of a proposed presentation context (PS3.8 section 9.3.3.2).</summary>
/// <param name="Id">The ID of the proposal.</param>
/// <param name="Reason">Whether it was accepted.</param>
/// <param name="TransferSyntax">The one to use; means nothing when not accepted.</param>
public sealed record ContextResult(byte Id, ContextResultReason Reason, string TransferSyntax);
