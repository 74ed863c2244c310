namespace ImagingIngestion.Dicom.Dictionary;

/// <summary>What a UID of PS3.6 annex A names.</summary>
public enum UidType
{
    Other = 0,
    SopClass,
    MetaSopClass,
    ServiceClass,
    TransferSyntax,
    WellKnownSopInstance,
    WellKnownFrameOfReference,
    CodingScheme,
    ApplicationContextName,
    ApplicationHostingModel,
    MappingResource,
    LdapOid,
    SynchronizationFrameOfReference,
}
