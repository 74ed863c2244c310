using ImagingIngestion.Gateways.Http;
using Microsoft.AspNetCore.Http;

namespace ImagingIngestion.Gateways.Stow;

/// <summary>What the Content-Type of a store request announces (PS3.18 section 10.5.1.2).</summary>
/// <param name="Boundary">The boundary of a multipart body; null for a single instance.</param>
/// <param name="Status">0, or the status to refuse with.</param>
/// <param name="Detail">What to change.</param>
internal readonly record struct StowContent(string? Boundary, int Status, string Detail)
{
    private const string Supported = "Send multipart/related; type=\"application/dicom\" with a boundary, or a single application/dicom body.";

    public static StowContent Read(HttpRequest request)
    {
        string encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            return Refused(StatusCodes.Status415UnsupportedMediaType, "A Content-Encoding is not supported: send the body as it is.");
        }

        if (!MediaType.TryParse(request.ContentType, out MediaType? type))
        {
            return Refused(StatusCodes.Status415UnsupportedMediaType, "The Content-Type is missing or cannot be read. " + Supported);
        }

        if (type.Essence == "application/dicom")
        {
            return new StowContent(null, 0, "");
        }

        string parts = type.RelatedType?.Essence ?? "application/dicom";
        if (type.Essence != "multipart/related" || parts != "application/dicom")
        {
            return Refused(StatusCodes.Status415UnsupportedMediaType, parts is "application/dicom+json" or "application/dicom+xml"
                ? "Metadata with separate bulk data is not supported. " + Supported
                : "This media type is not supported. " + Supported);
        }

        string boundary = type["boundary"] ?? "";
        return boundary.Length is 0 or > MultipartReader.MaxBoundaryLength
            ? Refused(StatusCodes.Status400BadRequest, $"The Content-Type has no boundary parameter of 1 to {MultipartReader.MaxBoundaryLength} characters. " + Supported)
            : new StowContent(boundary, 0, "");
    }

    private static StowContent Refused(int status, string detail) => new(null, status, detail);
}
