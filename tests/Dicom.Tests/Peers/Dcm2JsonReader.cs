using System.Collections.Concurrent;
using System.Text.Json;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dicom.Tests.Peers;

/// <summary>Runs DCMTK's dcm2json over many files, a process each, as many at a time as there are processors.</summary>
internal static class Dcm2JsonReader
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>It stops at encapsulated pixel data and leaves a comma; what stands before is good.</summary>
    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, MaxDepth = 512 };

    /// <summary>The data set of each file as DICOM JSON; null with the message where it gives none.</summary>
    public static async Task<IReadOnlyDictionary<string, (JsonElement? Dataset, string Error)>> ReadAsync(IEnumerable<string> paths)
    {
        ConcurrentDictionary<string, (JsonElement?, string)> results = [];
        await Parallel.ForEachAsync(paths, async (path, _) =>
        {
            (int _, string output, string error) = await ExternalProcess.RunAsync("dcm2json", [path], "", Timeout);
            results[path] = Parse(output, error);
        });
        return results;
    }

    private static (JsonElement? Dataset, string Error) Parse(string output, string error)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(output, Lenient);
            return (document.RootElement.Clone(), error);
        }
        catch (JsonException exception)
        {
            return (null, $"{error} {exception.Message}");
        }
    }
}
