namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>The numbers of the Storage Commitment Push Model (PS3.4 annex J).</summary>
internal static class StorageCommitment
{
    public const string SopClassUid = "1.2.840.10008.1.20.1";

    /// <summary>The one instance of the class (PS3.4 section J.3.5).</summary>
    public const string SopInstanceUid = "1.2.840.10008.1.20.1.1";

    /// <summary>Request Storage Commitment (PS3.4 table J.3-1).</summary>
    public const ushort RequestAction = 1;

    /// <summary>Storage Commitment Request Successful (PS3.4 table J.3-2).</summary>
    public const ushort SuccessEvent = 1;

    /// <summary>Storage Commitment Request Complete - Failures Exist.</summary>
    public const ushort FailuresEvent = 2;
}
