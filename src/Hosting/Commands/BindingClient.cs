using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ImagingIngestion.Hosting.Commands;

/// <summary>Calls the administration of bindings of a running server and prints the answers.</summary>
internal sealed class BindingClient(HttpClient http)
{
    private const long MaxAnswer = 16 << 20;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Runs an action; returns the exit code.</summary>
    /// <remarks>It is 1 if the server cannot be reached or refuses, with the remedy on the error stream.</remarks>
    public static async Task<int> RunAsync(
        string server, Func<BindingClient, CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(server.TrimEnd('/') + "/", UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            await Console.Error.WriteLineAsync("--server must be the address of a server, such as http://127.0.0.1:8080.");
            return 1;
        }

        using HttpClient http = new() { BaseAddress = url, Timeout = RequestTimeout, MaxResponseContentBufferSize = MaxAnswer };
        try
        {
            await action(new BindingClient(http), cancellationToken);
            return 0;
        }
        catch (HttpRequestException error)
        {
            await Console.Error.WriteLineAsync($"{url.GetLeftPart(
                UriPartial.Authority)} cannot be reached: {error.Message} Check that the server runs, and name it with --server.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync(
                $"{url.GetLeftPart(UriPartial.Authority)} did not answer within {RequestTimeout.TotalMinutes} minutes.");
        }
        catch (Exception error) when (error is InvalidDataException or JsonException)
        {
            await Console.Error.WriteLineAsync(
                error is InvalidDataException ? error.Message : "The answer does not come from a server of this program; check --server.");
        }

        return 1;
    }

    public async Task ListAsync(CancellationToken cancellationToken)
    {
        using JsonDocument answer = await SendAsync(HttpMethod.Get, "bindings", cancellationToken);
        JsonElement[] bindings = [.. answer.RootElement.GetProperty("bindings").EnumerateArray()];
        if (bindings.Length == 0)
        {
            await Console.Out.WriteLineAsync("There are no bindings.");
        }
        else
        {
            WriteBindings(bindings);
        }
    }

    public async Task ShowAsync(string name, CancellationToken cancellationToken)
    {
        using JsonDocument answer = await SendAsync(HttpMethod.Get, Path(name), cancellationToken);
        WriteFields(answer.RootElement);
    }

    public async Task SetPausedAsync(string name, bool isPaused, CancellationToken cancellationToken)
    {
        using JsonDocument answer = await SendAsync(HttpMethod.Post, Path(name) + (isPaused ? "/pause" : "/resume"), cancellationToken);
        WriteBindings([answer.RootElement]);
    }

    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        using JsonDocument answer = await SendAsync(HttpMethod.Delete, Path(name), cancellationToken);
        await Console.Out.WriteLineAsync($"The binding {name} is removed.");
    }

    public async Task ListDeadLettersAsync(string name, CancellationToken cancellationToken)
    {
        TextTable table = new("ID", "SINCE", "EVENT", "STUDY", "SERIES/INSTANCE OR REVISION", "ATTEMPTS", "ERROR");
        for (long? after = 0; after is not null;)
        {
            using JsonDocument answer = await SendAsync(
                HttpMethod.Get,
                string.Create(CultureInfo.InvariantCulture, $"{Path(name)}/dead-letters?after={after}&limit=1000"),
                cancellationToken);
            foreach (JsonElement letter in answer.RootElement.GetProperty("deadLetters").EnumerateArray())
            {
                string subject = letter.TryGetProperty("sopInstanceUID", out _)
                    ? $"{Text(letter, "seriesInstanceUID")}/{Text(letter, "sopInstanceUID")}"
                    : Text(letter, "revision");
                table.Add(
                    Text(letter, "id"),
                    Text(letter, "deadSince"),
                    Text(letter, "type"),
                    Text(letter, "studyInstanceUID"),
                    subject,
                    Text(letter, "attempts"),
                    Text(letter, "error"));
            }

            after = answer.RootElement.TryGetProperty("next", out JsonElement next) ? next.GetInt64() : null;
        }

        await Console.Out.WriteAsync(table.IsEmpty ? $"The binding {name} has no dead letters.\n" : table.ToString());
    }

    public async Task ShowDeadLetterAsync(string name, long id, CancellationToken cancellationToken)
    {
        using JsonDocument answer = await SendAsync(HttpMethod.Get, LetterPath(name, id), cancellationToken);
        WriteFields(answer.RootElement);
    }

    public async Task ReplayAsync(string name, long? id, CancellationToken cancellationToken)
    {
        using JsonDocument answer = await SendAsync(HttpMethod.Post, LetterPath(name, id) + "/replay", cancellationToken);
        await Console.Out.WriteLineAsync($"{Text(answer.RootElement, "replayed")} dead letters are delivered again.");
    }

    public async Task DropAsync(string name, long? id, CancellationToken cancellationToken)
    {
        using JsonDocument answer = await SendAsync(HttpMethod.Delete, LetterPath(name, id), cancellationToken);
        await Console.Out.WriteLineAsync($"{Text(answer.RootElement, "dropped")} dead letters are dropped.");
    }

    private async Task<JsonDocument> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, path);
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        JsonDocument answer = JsonDocument.Parse(body.Length == 0 ? "{}"u8.ToArray() : body);
        if (response.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw new InvalidDataException(
                $"{Text(answer.RootElement, "title")} ({(int)response.StatusCode}). {Text(answer.RootElement, "detail")}");
        }
    }

    private static void WriteBindings(IEnumerable<JsonElement> bindings)
    {
        TextTable table = new("NAME", "KIND", "STATE", "WAITING", "OLDEST", "DEAD LETTERS", "CURSOR");
        foreach (JsonElement binding in bindings)
        {
            table.Add(
                Text(binding, "name"),
                Text(binding, "kind"),
                State(binding),
                Text(binding, "waiting"),
                Text(binding, "oldestWaitingSince"),
                Text(binding, "deadLetters"),
                Text(binding, "cursor"));
        }

        Console.Out.Write(table.ToString());
    }

    private static string State(JsonElement binding)
    {
        string state = binding.GetProperty("isPaused").GetBoolean()
            ? "paused"
            : binding.GetProperty("isInSnapshot").GetBoolean() ? "catching up" : "running";
        return binding.GetProperty("isDeclared").GetBoolean() ? state : "not declared";
    }

    private static void WriteFields(JsonElement answer)
    {
        TextTable table = new();
        foreach (JsonProperty property in answer.EnumerateObject())
        {
            table.Add(property.Name, property.Value.ToString());
        }

        Console.Out.Write(table.ToString());
    }

    private static string Text(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value.ToString() : "-";

    private static string Path(string name) => "bindings/" + Uri.EscapeDataString(name);

    private static string LetterPath(string name, long? id)
        => Path(name) + "/dead-letters" + (id is { } number ? string.Create(CultureInfo.InvariantCulture, $"/{number}") : "");
}

/// <summary>Columns of text, each as wide as its widest value; the last one ends the line.</summary>
internal sealed class TextTable
{
    private readonly List<string[]> _rows = [];
    private readonly bool _hasHeads;

    public TextTable(params string[] heads)
    {
        _hasHeads = heads.Length > 0;
        if (_hasHeads)
        {
            _rows.Add(heads);
        }
    }

    public bool IsEmpty => _rows.Count == (_hasHeads ? 1 : 0);

    public void Add(params string[] row) => _rows.Add(row);

    public override string ToString()
    {
        if (_rows.Count == 0)
        {
            return "";
        }

        StringBuilder text = new();
        int[] widths = [.. Enumerable.Range(0, _rows[0].Length - 1).Select(column => _rows.Max(row => row[column].Length))];
        foreach (string[] row in _rows)
        {
            for (int column = 0; column < widths.Length; column++)
            {
                text.Append(row[column].PadRight(widths[column] + 2));
            }

            text.Append(row[^1]).Append('\n');
        }

        return text.ToString();
    }
}
