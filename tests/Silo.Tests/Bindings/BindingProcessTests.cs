using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ImagingIngestion.Silo.Tests.Startup;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;

namespace ImagingIngestion.Silo.Tests.Bindings;

/// <summary>Servers as processes of their own, and the command line that manages their bindings.</summary>
public sealed class BindingProcessTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("binding-process-").FullName;
    private readonly HttpClient _client = new();
    private EventReceiver _receiver = null!;

    public async Task InitializeAsync() => _receiver = await EventReceiver.StartAsync();

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _receiver.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Dead_letters_are_listed_shown_replayed_and_dropped_from_the_command_line()
    {
        await using ServerProcess server = Start(
            "one",
            ("IMAGING__BINDINGS__HOOK__WEBHOOK_ENDPOINT", _receiver.Endpoint.AbsoluteUri),
            ("IMAGING__BINDINGS__HOOK__WEBHOOK_TYPES", "DicomAvailableEvent"));
        string address = await server.AddressAsync(CancellationToken.None);
        _receiver.Status = 422;
        await StoreAsync(address, "first");
        await StoreAsync(address, "second");
        await UntilAsync(address, binding => binding.GetProperty("deadLetters").GetInt64() == 2);

        (int code, string list) = await CommandAsync(address, "bindings", "dead-letters", "list", "hook");
        Assert.Equal(0, code);
        Assert.Contains(new TestInstance("first").SopUid, list, StringComparison.Ordinal);
        Assert.Contains("422", list, StringComparison.Ordinal);
        string[] ids = [.. list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(' ')[0])];
        Assert.Equal(2, ids.Length);
        Assert.Contains(
            "DicomAvailableEvent",
            (await CommandAsync(address, "bindings", "dead-letters", "show", "hook", ids[0])).Output,
            StringComparison.Ordinal);

        _receiver.Status = 204;
        Assert.Equal(
            (0, "1 dead letters are delivered again.\n"),
            await CommandAsync(address, "bindings", "dead-letters", "replay", "hook", ids[0]));
        await UntilAsync(
            address, binding => binding.GetProperty("deadLetters").GetInt64() == 1 && binding.GetProperty("waiting").GetInt64() == 0);
        Assert.Equal(
            (0, "1 dead letters are dropped.\n"), await CommandAsync(address, "bindings", "dead-letters", "drop", "hook", "--all"));
        Assert.Equal(
            (0, "The binding hook has no dead letters.\n"), await CommandAsync(address, "bindings", "dead-letters", "list", "hook"));
        Assert.Equal(3, _receiver.Received.Values.Sum());
        Assert.Equal(2, _receiver.Received.Count);
    }

    [Fact]
    public async Task A_binding_is_paused_resumed_and_removed_from_the_command_line()
    {
        string address;
        await using (ServerProcess server = Start(
            "one",
            ("WEBHOOK_ENDPOINT", _receiver.Endpoint.AbsoluteUri),
            ("WEBHOOK_TYPES", "DicomAvailableEvent"),
            ("BINDING_NAME", "hook")))
        {
            address = await server.AddressAsync(CancellationToken.None);
            (int code, string paused) = await CommandAsync(address, "bindings", "pause", "hook");
            Assert.Equal(0, code);
            Assert.Contains("paused", paused, StringComparison.Ordinal);
            await StoreAsync(address, "first");
            await UntilAsync(address, binding => binding.GetProperty("waiting").GetInt64() == 1);
            Assert.Empty(_receiver.Received);

            Assert.Equal(0, (await CommandAsync(address, "bindings", "resume", "hook")).Code);
            Assert.Equal("DicomAvailableEvent", await _receiver.NextAsync());
            (int refused, string why) = await CommandAsync(address, "bindings", "remove", "hook");
            Assert.Equal(1, refused);
            Assert.Contains("Take its settings away", why, StringComparison.Ordinal);
            server.Signal(ServerProcess.Sigterm);
            Assert.Equal(0, await server.ExitCodeAsync(CancellationToken.None));
        }

        await using ServerProcess without = Start("one");
        address = await without.AddressAsync(CancellationToken.None);
        Assert.Contains("not declared", (await CommandAsync(address, "bindings", "list")).Output, StringComparison.Ordinal);
        Assert.Contains("bindings remove hook", without.Output, StringComparison.Ordinal);
        Assert.Equal((0, "The binding hook is removed.\n"), await CommandAsync(address, "bindings", "remove", "hook"));
        Assert.Equal((0, "There are no bindings.\n"), await CommandAsync(address, "bindings", "list"));
    }

    [Fact]
    public async Task Instances_travel_to_a_second_server_that_comes_up_later()
    {
        string second;
        await using (ServerProcess probe = Start("two"))
        {
            second = await probe.AddressAsync(CancellationToken.None);
        }

        await using ServerProcess sender = Start(
            "one", ("STOW_ENDPOINT", second + "/dicom-web"), ("BINDING_RETRY_MAX_DELAY", "1s"), ("BINDING_RETRY_MAX_BREAK", "1s"));
        string address = await sender.AddressAsync(CancellationToken.None);
        await StoreAsync(address, "first");
        await StoreAsync(address, "second");

        await using ServerProcess receiver = ServerProcess.Start(["--data", Path.Combine(_folder, "two"), "--urls", second]);
        await receiver.AddressAsync(CancellationToken.None);
        await UntilAsync(
            address, binding => binding.GetProperty("waiting").GetInt64() == 0 && binding.GetProperty("cursor").GetInt64() >= 4);

        foreach (TestInstance instance in new[] { new TestInstance("first"), new TestInstance("second") })
        {
            string path = $"/dicom-web/studies/{instance.StudyUid}/series/{instance.SeriesUid}/instances/{instance.SopUid}";
            Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync(second + path + "/metadata")).StatusCode);
        }
    }

    [Fact]
    public async Task A_command_that_cannot_be_done_says_what_to_change_and_its_exit_code_is_not_0()
    {
        await using ServerProcess server = Start("one");
        string address = await server.AddressAsync(CancellationToken.None);

        (int unknown, string noBinding) = await CommandAsync(address, "bindings", "show", "hook");
        (int both, string oneOrAll) = await CommandAsync(address, "bindings", "dead-letters", "replay", "hook");
        (int away, string noServer) = await CommandAsync("http://127.0.0.1:9", "bindings", "list");
        (int wrong, string noUrl) = await CommandAsync("nowhere", "bindings", "list");

        Assert.All([unknown, both, away, wrong], code => Assert.NotEqual(0, code));
        Assert.Contains("No such binding", noBinding, StringComparison.Ordinal);
        Assert.Contains("--all", oneOrAll, StringComparison.Ordinal);
        Assert.Contains("--server", noServer, StringComparison.Ordinal);
        Assert.Contains("--server", noUrl, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", noBinding + oneOrAll + noServer + noUrl, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_in_bindings_are_listed_and_the_exit_code_is_not_0()
    {
        await using ServerProcess server = Start("one", ("STOW_ENDPOINT", "archive"), ("IMAGING__BINDINGS__X__CONCURRENCY", "2"));

        Assert.NotEqual(0, await server.ExitCodeAsync(CancellationToken.None));
        Assert.Contains("set STOW_ENDPOINT", server.Output, StringComparison.Ordinal);
        Assert.Contains("IMAGING__BINDINGS__X__", server.Output, StringComparison.Ordinal);
    }

    private ServerProcess Start(string name, params (string Name, string Value)[] environment)
        => ServerProcess.Start(
            ["--data", Path.Combine(_folder, name), "--urls", "http://127.0.0.1:0"],
            environment.ToDictionary(pair => pair.Name, pair => pair.Value));

    private async Task StoreAsync(string address, string name)
    {
        using ByteArrayContent content = new(new TestInstance(name) { PixelData = new byte[16] }.ToPart10());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        using HttpResponseMessage response = await _client.PostAsync(address + "/dicom-web/studies", content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task UntilAsync(string address, Predicate<JsonElement> isRight)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(60));
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            using JsonDocument answer = JsonDocument.Parse(await _client.GetStringAsync(address + "/bindings", deadline.Token));
            if (answer.RootElement.GetProperty("bindings").EnumerateArray().Any(binding => isRight(binding)))
            {
                return;
            }

            await look.WaitForNextTickAsync(deadline.Token);
        }
    }

    private static async Task<(int Code, string Output)> CommandAsync(string server, params string[] arguments)
    {
        await using ServerProcess command = ServerProcess.Start([.. arguments, "--server", server]);
        int code = await command.ExitCodeAsync(CancellationToken.None);
        return (code, command.Output);
    }
}
