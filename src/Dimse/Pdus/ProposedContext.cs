namespace ImagingIngestion.Dimse.Pdus;

/// <summary>A presentation context as proposed (PS3.8 section 9.3.2.2).</summary>
/// <param name="Id">An odd number from 1 to 255.</param>
/// <param name="AbstractSyntax">A SOP class UID.</param>
/// <param name="TransferSyntaxes">UIDs in the order of the requestor's preference, none where the proposal cannot be read.</param>
public sealed record ProposedContext(byte Id, string AbstractSyntax, IReadOnlyList<string> TransferSyntaxes);
