using ImagingIngestion.Dicom.Identifiers;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Bindings.Fhir;

public sealed partial class FhirTarget
{
    [LoggerMessage(6200, LogLevel.Warning, "The FHIR server {Endpoint} does not offer {Missing}: {Consequence}.")]
    private partial void LogLacks(Uri endpoint, string missing, string consequence);

    [LoggerMessage(6201, LogLevel.Warning, "What the FHIR server {Endpoint} can do is not known; deliveries are tried all the same: {Reason}")]
    private partial void LogNotExamined(Uri endpoint, string reason);

    [LoggerMessage(6202, LogLevel.Warning, "The FHIR server {Endpoint} names no versions of its resources: they are updated without If-Match, and what others write at the same moment can be lost.")]
    private partial void LogNoVersion(Uri endpoint);

    [LoggerMessage(6203, LogLevel.Warning, "The FHIR server {Endpoint} does not keep the extension with the revision: an older revision can replace a newer one.")]
    private partial void LogNoRevision(Uri endpoint);

    [LoggerMessage(6204, LogLevel.Debug, "ImagingStudy of study {Study} shows revision {Revision}.")]
    private partial void LogWritten(StudyInstanceUid study, int revision);

    [LoggerMessage(6205, LogLevel.Debug, "ImagingStudy of study {Study} is left alone: revision {Revision} was to be written, {Stored} is there.")]
    private partial void LogLeftAlone(StudyInstanceUid study, int revision, int stored);
}
