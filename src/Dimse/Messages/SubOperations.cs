namespace ImagingIngestion.Dimse.Messages;

/// <summary>How many sub-operations of a C-GET or C-MOVE are in which state (0000,1020) to (0000,1023). Remaining is left out of final responses that are not a cancel.</summary>
public sealed record SubOperations(ushort? Remaining, ushort Completed, ushort Failed, ushort Warning);
