namespace ImagingIngestion.Gateways.Dimse.Retrieve;

/// <summary>What became of one sub-operation of a C-GET or C-MOVE.</summary>
internal enum SubOperationResult
{
    Completed,

    /// <summary>Stored with a warning of the peer.</summary>
    Warning,

    Failed,
}
