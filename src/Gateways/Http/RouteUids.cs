using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ImagingIngestion.Dicom.Identifiers;
using ImagingIngestion.Manifest.Identity;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways.Http;

/// <summary>The UIDs in the path of a request, as the routes of all services name them.</summary>
/// <param name="Study">The route value <c>study</c>; null if the path has none.</param>
/// <param name="Series">The route value <c>series</c>; null if the path has none.</param>
/// <param name="Instance">The route value <c>instance</c>; null if the path has none.</param>
internal sealed record RouteUids(StudyInstanceUid? Study, SeriesInstanceUid? Series, SopInstanceUid? Instance)
{
    /// <summary>Reads the UIDs; returns false, and a 400 answer is due, if a component is not a UID.</summary>
    public static bool TryRead(HttpContext context, [NotNullWhen(true)] out RouteUids? uids)
    {
        uids = TryRead(context, "study", out StudyInstanceUid? study)
            && TryRead(context, "series", out SeriesInstanceUid? series)
            && TryRead(context, "instance", out SopInstanceUid? instance)
            ? new RouteUids(study, series, instance)
            : null;
        return uids is not null;
    }

    /// <summary>Reads the UIDs of a path that names a study, or something in one.</summary>
    public static bool TryReadScope(HttpContext context, ServedSpace space, [NotNullWhen(true)] out RetrieveScope? scope)
    {
        scope = TryRead(context, out RouteUids? uids) && uids.Study is { } study
            ? new RetrieveScope(new StudyKey(space.Provider, study), uids.Series, uids.Instance)
            : null;
        return scope is not null;
    }

    /// <summary>Refuses a path with a component that is not a UID.</summary>
    public static Task WriteMalformedAsync(HttpContext context)
        => Problem.WriteAsync(
            context,
            400,
            "Not a UID",
            "A UID in the path is not valid: 1 to 64 characters, digits and single dots between them (PS3.5 section 9.1).");

    /// <summary>Answers a path whose resource is not stored.</summary>
    public static Task WriteUnknownAsync(HttpContext context, RetrieveScope scope)
        => Problem.WriteAsync(context, 404, "Not found", scope switch
        {
            { Sop: not null } => "No such instance is stored in this series of this study.",
            { Series: not null } => "No such series is stored in this study.",
            _ => "No such study is stored.",
        });

    private static bool TryRead<T>(HttpContext context, string name, out T? uid)
        where T : struct, IParsable<T>
    {
        uid = null;
        if (context.GetRouteValue(name) is not string text)
        {
            return true;
        }

        bool isValid = T.TryParse(text, CultureInfo.InvariantCulture, out T found);
        uid = isValid ? found : null;
        return isValid;
    }
}
