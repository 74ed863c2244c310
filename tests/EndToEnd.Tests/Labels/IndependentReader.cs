using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.EndToEnd.Tests.Labels;

/// <summary>Collects the bytes that a server sent, with their label, and lets pydicom and dcmdump read all of them in one run.</summary>
internal sealed class IndependentReader(string folder)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(20);

    private readonly Dictionary<(string Label, string Hash), string> _paths = [];
    private readonly Dictionary<string, List<Handed>> _handed = [];

    /// <summary>Keeps a Part 10 file.</summary>
    public void Add(Handed handed, byte[] file)
    {
        string hash = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(file));
        if (!_paths.TryGetValue((handed.Label, hash), out string? path))
        {
            path = Path.Combine(folder, $"{_paths.Count}.dcm");
            File.WriteAllBytes(path, file);
            _paths.Add((handed.Label, hash), path);
            _handed.Add(path, []);
        }

        _handed[path].Add(handed);
    }

    /// <summary>Keeps a data set that came by C-STORE: its label is the transfer syntax of the context.</summary>
    public void AddDataSet(Handed handed, ReadOnlySpan<byte> dataSet)
        => Add(handed, [.. Part10.Preamble, .. Part10.Meta(handed.Label, TestInstance.SecondaryCapture, "1.2.3"), .. dataSet]);

    /// <summary>Returns the faults: bytes that cannot be read under their label.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync()
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Labels", "independent_reader.py");
        string input = string.Concat(_paths.Select(entry => $"{entry.Value}\t{entry.Key.Label}\n"));
        (int exitCode, string output, string error) = await ExternalProcess.RunAsync(Tools.Python, [script], input, Timeout);
        Assert.True(exitCode == 0, error);
        string[][] lines = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))];
        Assert.Equal(_paths.Count, lines.Length);
        return [
            .. lines.SelectMany(line => _handed[line[0]].Select(handed => Judge(handed, pixels: line[1], fault: line[2])).OfType<string>())
        ];
    }

    private static string? Judge(Handed handed, string pixels, string fault)
        => handed.IsPixelData
            ? pixels == "encapsulated" ? $"{handed.Source}, {handed.How}: fragments leave as native pixels" : null
            : fault.Length > 0 ? $"{handed.Source}, {handed.How}, labelled {handed.Label}: {fault}" : null;

    /// <param name="Source">The file that was stored.</param>
    /// <param name="How">The request that returned it.</param>
    /// <param name="Label">The transfer syntax UID that the answer named.</param>
    public sealed record Handed(string Source, string How, string Label)
    {
        /// <summary>
        /// The file stands for frames or pixel data that left as octets of a native transfer syntax: it must hold no fragments.
        /// </summary>
        public bool IsPixelData { get; init; }
    }
}
