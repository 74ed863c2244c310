using System.Globalization;
using System.Text.RegularExpressions;
using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>DCMTK's storescp, which writes the bytes that it receives unchanged.</summary>
internal sealed class StorescpServer : IAsyncDisposable
{
    public const string AeTitle = "STORESCP";

    private static readonly Regex Association = new("Association Received", RegexOptions.CultureInvariant);

    private readonly ToolServer _tool;
    private readonly string _folder;

    private StorescpServer(ToolServer tool, string folder)
    {
        _tool = tool;
        _folder = folder;
    }

    public int Port => _tool.Port;

    /// <summary>The number of its associations so far.</summary>
    public int Associations => Association.Count(_tool.Output.ToString());

    /// <summary>The tool writes one file for each SOP Instance UID.</summary>
    public int Received => Directory.GetFiles(_folder).Length;

    /// <param name="folder">Where it writes.</param>
    /// <param name="port">Null takes a free one.</param>
    /// <param name="more">More options.</param>
    public static async Task<StorescpServer> StartAsync(string folder, int? port = null, params string[] more)
    {
        int own = port ?? OrthancServer.FreePort();
        return new StorescpServer(
            await ToolServer.StartAsync(folder, own, "storescp", [
                "-v",
                "--fork",
                "-aet",
                AeTitle,
                "-pm",
                "+B",
                "-od",
                folder,
                .. more,
                own.ToString(CultureInfo.InvariantCulture)
            ]), folder);
    }

    /// <summary>Returns the Part 10 file that it received of an instance.</summary>
    public byte[] Read(string sop) => File.ReadAllBytes(Directory.GetFiles(_folder, $"*.{sop}").Single());

    public ValueTask DisposeAsync() => _tool.DisposeAsync();
}
