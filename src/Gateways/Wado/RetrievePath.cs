using System.Diagnostics.CodeAnalysis;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>The UIDs of a request's path.</summary>
internal static class RetrievePath
{
    /// <summary>False, and a 400 problem is due, when a component is no UID.</summary>
    public static bool TryRead(
        HttpContext context, out StudyInstanceUid? study, out SeriesInstanceUid? series, out SopInstanceUid? instance)
    {
        study = null;
        series = null;
        instance = null;
        if (Component(context, "study") is { } studyText)
        {
            if (!StudyInstanceUid.TryParse(studyText, out StudyInstanceUid uid))
            {
                return false;
            }

            study = uid;
        }

        if (Component(context, "series") is { } seriesText)
        {
            if (!SeriesInstanceUid.TryParse(seriesText, out SeriesInstanceUid uid))
            {
                return false;
            }

            series = uid;
        }

        if (Component(context, "instance") is { } instanceText)
        {
            if (!SopInstanceUid.TryParse(instanceText, out SopInstanceUid uid))
            {
                return false;
            }

            instance = uid;
        }

        return true;
    }

    public static bool TryReadScope(HttpContext context, ProviderName provider, [NotNullWhen(true)] out RetrieveScope? scope)
    {
        scope = TryRead(context, out StudyInstanceUid? study, out SeriesInstanceUid? series, out SopInstanceUid? instance)
            && study is { } known
            ? new RetrieveScope(new StudyKey(provider, known), series, instance)
            : null;
        return scope is not null;
    }

    public static Task WriteMalformedAsync(HttpContext context)
        => Problem.WriteAsync(
            context,
            400,
            "Not a UID",
            "A UID in the path is not valid: 1 to 64 characters, digits and single dots between them (PS3.5 section 9.1).");

    public static Task WriteUnknownAsync(HttpContext context, RetrieveScope scope)
        => Problem.WriteAsync(context, 404, "Not found", scope switch
        {
            { Sop: not null } => "No such instance is stored in this series of this study.",
            { Series: not null } => "No such series is stored in this study.",
            _ => "No such study is stored.",
        });

    private static string? Component(HttpContext context, string name) => context.GetRouteValue(name) as string;
}
