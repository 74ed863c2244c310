namespace ImagingIngestion.Dimse.Associations;

/// <summary>A presentation context that both sides agreed on.</summary>
/// <param name="Id">Odd, from 1 to 255.</param>
/// <param name="AbstractSyntax">The SOP class UID.</param>
/// <param name="TransferSyntax">The encoding of data sets.</param>
/// <param name="IsScu">This side may invoke operations as SCU.</param>
/// <param name="IsScp">This side performs operations as SCP.</param>
public sealed record NegotiatedContext(byte Id, string AbstractSyntax, string TransferSyntax, bool IsScu, bool IsScp);
