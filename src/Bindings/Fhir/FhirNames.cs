namespace ImagingIngestion.Bindings.Fhir;

/// <summary>The systems, extensions and codes that the resources use.</summary>
internal static class FhirNames
{
    /// <summary>The system of Study Instance UIDs, as ImagingStudy of R4 requires.</summary>
    public const string DicomUid = "urn:dicom:uid";

    /// <summary>The prefix of an OID or UID in an identifier or a code.</summary>
    public const string OidPrefix = "urn:oid:";

    public const string Uri = "urn:ietf:rfc:3986";

    /// <summary>The terms of DICOM (PS3.16 annex D).</summary>
    public const string DicomTerms = "http://dicom.nema.org/resources/ontology/DCM";

    public const string IdentifierTypes = "http://terminology.hl7.org/CodeSystem/v2-0203";

    public const string ConnectionTypes = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type";

    public const string PayloadTypes = "http://terminology.hl7.org/CodeSystem/endpoint-payload-type";

    public const string Snomed = "http://snomed.info/sct";

    public const string DataAbsentReason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

    /// <summary>The system of the identifier that names a study of a storage space, <c>provider/study</c>.</summary>
    /// <remarks>The same study in two spaces makes two resources.</remarks>
    public const string StoredStudy = "https://imaging-ingestion.alvearie.org/fhir/stored-study";

    /// <summary>The extension that holds the revision. Servers accumulate tags at an update, but replace an extension.</summary>
    public const string Revision = "https://imaging-ingestion.alvearie.org/fhir/study-revision";
}
