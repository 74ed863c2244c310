using System.Globalization;
using ImagingIngestion.Gateways.Http;
using ImagingIngestion.Ingest;
using ImagingIngestion.Manifest.Objects;
using ImagingIngestion.Manifest.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace ImagingIngestion.Gateways.Wado;

/// <summary>Frames by number, and the whole of Pixel Data (PS3.18 sections 10.4.1.1.6 and 10.4.1.1.7).</summary>
internal sealed class WadoFramesEndpoint(RetrieveServices services, string root)
{
    private readonly FrameSender _sender = new(services);

    public async Task HandleAsync(HttpContext context)
    {
        if (!FrameList.TryParse(
            context.GetRouteValue("frames") as string, services.Wado.MaxFramesPerRequest, out IReadOnlyList<int> frames))
        {
            await Problem.WriteAsync(context, 400, "Not a list of frames", "Frames are named by numbers from 1 parted by commas, at most "
                + $"{services.Wado.MaxFramesPerRequest} of them, as in /frames/1,2,3.");
            return;
        }

        if (!RetrievePath.TryReadScope(context, services.Web.Provider, out RetrieveScope? scope))
        {
            await RetrievePath.WriteMalformedAsync(context);
            return;
        }

        using HeaderShare share = services.Headers.Open();
        if (await LayoutReader.ReadAsync(
            services, scope, StoredInstanceParts.None, share, context.RequestAborted) is not var (stored, layout))
        {
            await RetrievePath.WriteUnknownAsync(context, scope);
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

        string url = RetrieveUrls.Instance(RequestUrls.Retrieve(context.Request, services.Web, root), scope.Study.Study, stored.State.Id);
        await _sender.SendAsync(context, stored.State, layout, frames, frame => $"{url}/frames/{frame}", share);
    }

    public static Task WriteNoFramesAsync(HttpContext context)
        => Problem.WriteAsync(context, 404, "No frames", "The instance has no pixel data, or its frames cannot be told apart; retrieve the "
            + "instance as application/dicom with transfer-syntax=*.");
}

/// <summary>The frame numbers of a path, such as <c>1,3,2</c>: 1-based, in the order in which they are sent.</summary>
internal static class FrameList
{
    /// <summary>
    /// False when it is no list of numbers, or too long a one. Numbers too large to hold become <see cref="int.MaxValue"/>, which no
    /// instance has.
    /// </summary>
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
