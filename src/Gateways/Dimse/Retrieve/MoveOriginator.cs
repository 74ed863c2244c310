using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>Who asked for a C-MOVE, as its C-STOREs tell: (0000,1030) and (0000,1031).</summary>
internal sealed record MoveOriginator(AeTitle AeTitle, ushort MessageId);
