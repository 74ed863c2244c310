using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;

namespace ImagingIngestion.EndToEnd.Tests.Bindings;

/// <summary>Servers with a binding named <c>archive</c>.</summary>
internal static class BindingSource
{
    private const string Prefix = "IMAGING__BINDINGS__ARCHIVE__";
    private const int InARequest = 20;

    private static readonly TimeSpan TestTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <param name="data">The server's folder.</param>
    /// <param name="endpoint">The target.</param>
    public static Task<Server> StartAsync(string data, Uri endpoint)
        => StartAsync(data, $"STOW_ENDPOINT={endpoint}");

    /// <summary>A C-STORE binding.</summary>
    /// <param name="data">The server's folder.</param>
    /// <param name="port">The target on this machine.</param>
    /// <param name="aeTitle">Its title.</param>
    /// <param name="more">More keys with their values.</param>
    public static Task<Server> StartDimseAsync(string data, int port, string aeTitle, params string[] more)
        => StartAsync(data, [$"DIMSE_TARGET_HOST=127.0.0.1", $"DIMSE_TARGET_PORT={port}", $"DIMSE_TARGET_AE={aeTitle}", .. more]);

    private static Task<Server> StartAsync(string data, params string[] keys)
        => Server.StartAsync(data, [
            "env",
            .. keys.Select(key => Prefix + key),
            $"{Prefix}RETRY__FIRSTDELAY=0.1s",
            $"{Prefix}RETRY__MAXDELAY=1s",
            $"{Prefix}RETRY__MAXBREAK=1s"
        ]);

    /// <summary>Stores files; the server must take each of them.</summary>
    public static async Task<IReadOnlyList<StoredPath>> StoreFilesAsync(this Server server, IEnumerable<ReadOnlyMemory<byte>> files)
    {
        List<StoredPath> stored = [];
        foreach (ReadOnlyMemory<byte>[] group in files.Chunk(InARequest))
        {
            StowReply reply = await server.Client.StoreAllAsync(group);
            Assert.True(reply.IsSuccess, reply.Body);
            stored.AddRange(reply.Stored);
        }

        return stored;
    }

    /// <summary>Waits until every event has become a delivery and none waits; returns how many are dead letters.</summary>
    public static async Task<int> WaitUntilDeliveredAsync(this Server server, string name = "archive")
    {
        JsonNode? binding = null;
        long latest = 0;
        bool isDone = await WaitAsync(async () =>
        {
            if (!await server.Stores.AreEventsNumberedAsync())
            {
                return false;
            }

            latest = (await server.Client.GetFromJsonAsync<JsonNode>("changefeed/latest"))!["latest"]!.GetValue<long>();
            binding = await server.Client.GetFromJsonAsync<JsonNode>($"bindings/{name}");
            return binding!["cursor"]!.GetValue<long>() >= latest && binding["waiting"]!.GetValue<long>() == 0;
        });
        Assert.True(isDone, $"Deliveries wait: {binding}, latest event {latest}.{Environment.NewLine}{server.Output}");
        return binding!["deadLetters"]!.GetValue<int>();
    }

    public static Task PauseBindingAsync(this Server server) => PostAsync(server, "bindings/archive/pause");

    public static Task ResumeBindingAsync(this Server server) => PostAsync(server, "bindings/archive/resume");

    /// <summary>Returns the dead letters as the server lists them.</summary>
    public static async Task<string> DeadLettersAsync(this Server server)
        => await server.Client.GetStringAsync("bindings/archive/dead-letters");

    /// <summary>Waits until a condition holds; returns false after a timeout.</summary>
    public static async Task<bool> WaitAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource deadline = new(TestTimeout);
        using PeriodicTimer timer = new(Step);
        try
        {
            while (!await condition())
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Checks that both servers hold the same data set for each of these instances.</summary>
    public static async Task AssertSameAsync(Server source, Server target, IEnumerable<StoredPath> paths)
    {
        foreach (StoredPath path in paths.Distinct())
        {
            byte[] sent = await source.Client.RetrieveAsync(path);
            byte[] received = await target.Client.RetrieveAsync(path);
            Assert.True(Part10Split.DataSet(sent).SequenceEqual(Part10Split.DataSet(received)), $"{path} differs.");
        }
    }

    private static async Task PostAsync(Server server, string path)
    {
        using HttpResponseMessage response = await server.Client.PostAsync(path, null);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
    }

    /// <summary>Makes small instances of one study, a few kilobytes each.</summary>
    public static TestInstance[] Study(string name, int count, byte fill = 0)
    {
        string study = TestUid.Create("binding study " + name);
        byte[] pixels = new byte[64 * 64];
        Array.Fill(pixels, fill);
        return [.. Enumerable.Range(0, count).Select(number => new TestInstance($"binding {name} {number}")
        {
            StudyUid = study,
            SeriesUid = TestUid.Create("binding series " + name),
            Rows = 64,
            Columns = 64,
            PixelData = pixels,
        })];
    }

    public static IEnumerable<ReadOnlyMemory<byte>> Files(this IEnumerable<TestInstance> instances)
        => instances.Select(instance => new ReadOnlyMemory<byte>(instance.ToPart10()));
}
