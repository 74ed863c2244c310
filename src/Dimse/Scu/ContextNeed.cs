namespace ImagingIngestion.Dimse.Scu;

/// <summary>A presentation context that someone wants to use: proposed with this transfer syntax alone, so that the peer says of each whether it takes it.</summary>
public readonly record struct ContextNeed(string AbstractSyntax, string TransferSyntax);
