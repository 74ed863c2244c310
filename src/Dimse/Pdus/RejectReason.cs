namespace ImagingIngestion.Dimse.Pdus;

/// <summary>Result, source and reason of an A-ASSOCIATE-RJ in one number (PS3.8 table 9-21): 0x00RRSSNN.</summary>
public enum RejectReason
{
    NoReason = 0x01_01_01,
    ApplicationContextNotSupported = 0x01_01_02,
    CallingAeTitleNotRecognized = 0x01_01_03,
    CalledAeTitleNotRecognized = 0x01_01_07,
    ProtocolVersionNotSupported = 0x01_02_02,
    TemporaryCongestion = 0x02_03_01,
    LocalLimitExceeded = 0x02_03_02,
}
