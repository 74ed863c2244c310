using System.Globalization;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Frames by number, and the whole of Pixel Data (PS3.18 sections 10.4.1.1.6 and 10.4.1.1.7).</summary>
internal sealed class WadoFramesEndpoint(
    IManifestQuery manifest, HeaderBudget headers, ServedSpace space, RequestUrls urls, FrameSender sender, WadoOptions options)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (!FrameList.TryParse(
            context.GetRouteValue("frames") as string, options.MaxFramesPerRequest, out IReadOnlyList<int> frames))
        {
            await Problem.WriteAsync(context, 400, "Not a list of frames", "Frames are named by numbers from 1 separated by commas, at "
                + $"most {options.MaxFramesPerRequest} of them, as in /frames/1,2,3.");
            return;
        }

        if (!RouteUids.TryReadScope(context, space, out RetrieveScope? scope))
        {
            await RouteUids.WriteMalformedAsync(context);
            return;
        }

        using HeaderShare share = headers.Open();
        if (await LayoutReader.ReadAsync(
            manifest, scope, StoredInstanceParts.None, share, context.RequestAborted) is not var (stored, layout))
        {
            await RouteUids.WriteUnknownAsync(context, scope);
            return;
        }

        VerifiedObjects.ThrowIfDamaged(stored.State);

        if (layout.Frames is not { } index)
        {
            await WriteNoFramesAsync(context);
            return;
        }

        if (frames.Any(frame => frame < 1 || frame > index.Count))
        {
            await Problem.WriteAsync(context, 404, "No such frame", $"The instance has frames 1 to {index.Count}.");
            return;
        }

        string url = RetrieveUrls.Instance(urls.Retrieve(context), scope.Study.Study, stored.State.Id);
        await sender.SendAsync(context, stored.State, layout, frames, frame => $"{url}/frames/{frame}", share);
    }

    public static Task WriteNoFramesAsync(HttpContext context)
        => Problem.WriteAsync(context, 404, "No frames", "The instance has no pixel data, or its frames cannot be told apart; retrieve the "
            + "instance as application/dicom with transfer-syntax=*.");
}

/// <summary>The frame numbers of a path, such as <c>1,3,2</c>: 1-based, in the order in which they are sent.</summary>
internal static class FrameList
{
    /// <summary>Reads the list; returns false if it is not a list of numbers, or is too long.</summary>
    /// <remarks>Numbers that are too large become <see cref="int.MaxValue"/>, which no instance has.</remarks>
    public static bool TryParse(string? text, int most, out IReadOnlyList<int> frames)
    {
        List<int> numbers = [];
        frames = numbers;
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Length == 0 || !part.All(char.IsAsciiDigit) || numbers.Count == most)
            {
                return false;
            }

            numbers.Add(int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue);
        }

        return true;
    }
}
