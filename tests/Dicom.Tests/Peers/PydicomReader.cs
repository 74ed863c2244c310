using System.Text.Json;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Dicom.Tests.Peers;

/// <summary>Runs pydicom over many files at once.</summary>
internal static class PydicomReader
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    /// <summary>What pydicom makes of each file, by path.</summary>
    public static async Task<IReadOnlyDictionary<string, PeerFile>> ReadAsync(IReadOnlyCollection<string> paths)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Peers", "pydicom_dump.py");
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(
            Tools.Python, [script], string.Join('\n', paths) + "\n", Timeout, new Dictionary<string, string> { ["PYTHONIOENCODING"] = "utf-8:surrogateescape" });
        Assert.True(exitCode == 0, error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToDictionary(file => file.Path);
    }

    private static PeerFile Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        return new PeerFile(
            root.GetProperty("file").GetString()!,
            root.GetProperty("error").GetString(),
            [.. root.GetProperty("elements").EnumerateArray().Select(Element)],
            root.GetProperty("frames") is { ValueKind: JsonValueKind.Array } frames ? [.. frames.EnumerateArray().Select(frame => frame[1].GetString()!)] : null);
    }

    private static PeerElement Element(JsonElement row)
        => new(row[0].GetString()!, row[1].GetString()!, row[2].GetInt64(), row[3].GetString(), row[4].ValueKind == JsonValueKind.Array ? [.. row[4].EnumerateArray().Select(Text)] : null);

    /// <summary>Python prints bytes that it could not decode as lone surrogates, which .NET does not read.</summary>
    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }
}
