using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ImagingIngestion.Bindings.Tests.Webhook;

/// <summary>A subscriber in Node, with the CloudEvents SDK.</summary>
internal sealed class NodeSubscriber : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private NodeSubscriber(Process process) => _process = process;

    public Uri Endpoint { get; private set; } = new("http://127.0.0.1/");

    public static string ScriptFolder { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../js"));

    /// <summary>Starts it.</summary>
    /// <param name="key">The signing key that it knows.</param>
    /// <param name="statuses">What it answers in turn; the last one stays.</param>
    public static async Task<NodeSubscriber> StartAsync(string key, params string[] statuses)
    {
        ProcessStartInfo start = new("node", [Path.Combine(ScriptFolder, "receiver.cjs"), key, .. statuses]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        NodeSubscriber subscriber = new(Process.Start(start)!);
        JsonNode first = await subscriber.NextAsync();
        subscriber.Endpoint = new Uri($"http://127.0.0.1:{(int)first["port"]!}/events");
        return subscriber;
    }

    /// <summary>The next request that it got.</summary>
    public async Task<JsonNode> NextAsync()
    {
        using CancellationTokenSource deadline = new(Patience);
        string? line = await _process.StandardOutput.ReadLineAsync(deadline.Token);
        return JsonNode.Parse(line ?? throw new InvalidOperationException("The subscriber ended."))!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using CancellationTokenSource deadline = new(Patience);
        await _process.WaitForExitAsync(deadline.Token);
        _process.Dispose();
    }
}
