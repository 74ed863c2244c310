using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace ImagingIngestion.Tests;

/// <summary>
/// A FHIR R4 server over HTTP that knows ImagingStudy: search by identifier, conditional create, versioned update, history.
/// </summary>
/// <remarks>
/// A test can give it faults, and take features away that real servers lack. When it is disposed, every resource that was written to it
/// must be valid.
/// </remarks>
internal sealed class FhirServer : IAsyncDisposable
{
    private readonly ConcurrentQueue<FhirFault> _faults = new();
    private readonly ConcurrentQueue<FhirExchange> _exchanges = new();
    private readonly ConcurrentQueue<byte[]> _written = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopbackServer? _server;

    private FhirServer()
    {
    }

    public FhirStore Store { get; } = new();

    public Uri Endpoint => new($"{_server!.Root}/fhir/ImagingStudy");

    public IReadOnlyList<FhirExchange> Exchanges => [.. _exchanges];

    /// <summary>Updates without regard to If-Match.</summary>
    public bool IgnoresIfMatch { get; set; }

    /// <summary>Creates without regard to If-None-Exist.</summary>
    public bool IgnoresIfNoneExist { get; set; }

    /// <summary>Finds every resource, whatever the search.</summary>
    public bool IgnoresSearchParameters { get; set; }

    /// <summary>Names no versions.</summary>
    public bool HasNoVersions { get; set; }

    /// <summary>Finds no created resources, like a server whose index lags.</summary>
    public bool SearchFindsNothing { get; set; }

    /// <summary>Answers a create with 200, as if it had created nothing, and names no resource.</summary>
    public bool HidesCreates { get; set; }

    /// <summary>Answers a search that asks for some elements with 400.</summary>
    public bool RefusesElements { get; set; }

    /// <summary>Sends whole resources, whatever elements a client asks for.</summary>
    public bool IgnoresElements { get; set; }

    /// <summary>The address of the next page of a search; null names the right one, if there is one.</summary>
    public string? NextPage { get; set; }

    /// <summary>Resources on a page of a search.</summary>
    public int PageSize { get; set; } = 20;

    /// <summary>Awaited before each write.</summary>
    public Func<HttpRequest, Task>? BeforeWrite { get; set; }

    public static async Task<FhirServer> StartAsync(CancellationToken cancellationToken)
    {
        FhirServer server = new();
        server._server = await LoopbackServer.StartAsync(server.AnswerAsync, cancellationToken);
        return server;
    }

    /// <summary>Waits until the answers so far have fulfilled a condition.</summary>
    public async Task WaitForAsync(Func<FhirServer, bool> condition, TimeSpan timeout)
    {
        using CancellationTokenSource deadline = new(timeout);
        while (true)
        {
            // The signal is taken before the check, so that an answer between the two is not missed.
            Task next = _answered.Task;
            if (condition(this))
            {
                return;
            }

            await next.WaitAsync(deadline.Token);
        }
    }

    /// <summary>Gives each of the next fitting requests one of these faults.</summary>
    public void Fail(params FhirFault[] faults)
    {
        foreach (FhirFault fault in faults)
        {
            _faults.Enqueue(fault);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _server!.DisposeAsync();
        _stopping.Dispose();
        Assert.All(_written, resource => Assert.Empty(FhirValidator.Faults(resource)));
    }

    private async Task AnswerAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        FhirFault? fault = _faults.TryPeek(out FhirFault? next)
            && (next.Method is null || next.Method == request.Method)
            && _faults.TryDequeue(out next) ? next : null;
        FhirAnswer answer = fault is null || fault.HappensAfter ? await CarryOutAsync(request) : new FhirAnswer(0);
        if (fault is { Hangs: true })
        {
            await HangAsync(context);
            return;
        }

        if (fault is { Cuts: true })
        {
            context.Abort();
            return;
        }

        if (fault is not null)
        {
            answer = new FhirAnswer(fault.Status) { Text = fault.Body, RetryAfter = fault.RetryAfter };
        }

        _exchanges.Enqueue(new FhirExchange(
            request.Method,
            request.Path,
            request.QueryString.Value ?? "",
            Header(request, "If-Match"),
            Header(request, "If-None-Exist"),
            answer.Status));
        Interlocked.Exchange(ref _answered, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        await answer.WriteAsync(context.Response, HasNoVersions);
    }

    private async Task HangAsync(HttpContext context)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        TaskCompletionSource over = new();
        await using (either.Token.Register(over.SetResult))
        {
            await over.Task;
        }
    }

    private async Task<FhirAnswer> CarryOutAsync(HttpRequest request)
    {
        string[] path = (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (request.Method, path) switch
        {
            ("GET", ["fhir", "metadata"]) => new FhirAnswer(200) { Body = Capabilities() },
            ("GET", ["fhir", "ImagingStudy"]) when RefusesElements && request.Query.ContainsKey("_elements") => new FhirAnswer(400),
            ("GET", ["fhir", "ImagingStudy"]) => new FhirAnswer(200) { Body = Search(request) },
            ("GET", ["fhir", "ImagingStudy", string id]) => Read(request, id),
            ("POST", ["fhir", "ImagingStudy"]) => await CreateAsync(request),
            ("PUT", ["fhir", "ImagingStudy", string id]) => await UpdateAsync(request, id),
            _ => new FhirAnswer(404),
        };
    }

    private JsonObject Capabilities()
    {
        JsonObject imagingStudy = new()
        {
            ["type"] = "ImagingStudy",
            ["versioning"] = IgnoresIfMatch ? "versioned" : "versioned-update",
            ["conditionalCreate"] = !IgnoresIfNoneExist,
            ["interaction"] = new JsonArray(
                [.. new[] { "read", "create", "update", "search-type" }.Select(code => new JsonObject { ["code"] = code })]),
            ["searchParam"] = new JsonArray(new JsonObject { ["name"] = "identifier", ["type"] = "token" }),
        };
        return new JsonObject
        {
            ["resourceType"] = "CapabilityStatement",
            ["rest"] = new JsonArray(new JsonObject { ["mode"] = "server", ["resource"] = new JsonArray(imagingStudy) })
        };
    }

    private JsonObject Search(HttpRequest request)
    {
        string identifier = request.Query["identifier"].ToString();
        IReadOnlyList<JsonObject> found = SearchFindsNothing ? [] : IgnoresSearchParameters ? Store.Current : Store.Search(identifier);
        int page = int.TryParse(request.Query["page"], CultureInfo.InvariantCulture, out int number) ? number : 0;
        JsonNode[] entries = [.. found.Skip(page * PageSize).Take(PageSize).Select(
            resource => new JsonObject { ["resource"] = Shown(request, resource), ["search"] = new JsonObject { ["mode"] = "match" } })];
        JsonObject bundle =
            new() { ["resourceType"] = "Bundle", ["type"] = "searchset", ["total"] = found.Count, ["entry"] = new JsonArray(entries) };
        if (NextPage is not null || found.Count > (page + 1) * PageSize)
        {
            bundle["link"] = new JsonArray(new JsonObject
            {
                ["relation"] = "next",
                ["url"] = NextPage ?? $"{Endpoint}?identifier={Uri.EscapeDataString(identifier)}&page={page + 1}"
            });
        }

        return bundle;
    }

    private FhirAnswer Read(HttpRequest request, string id)
        => Store.Versions(id) is not { Count: > 0 } versions ? new FhirAnswer(404)
            : versions[^1] is { } resource
                ? new FhirAnswer(200) { Body = Shown(request, resource), Version = (string?)resource["meta"]!["versionId"] }
                : new FhirAnswer(410);

    private async Task<FhirAnswer> CreateAsync(HttpRequest request)
    {
        JsonObject resource = await BodyAsync(request);
        string? condition = Header(request, "If-None-Exist") is { } query && !IgnoresIfNoneExist
            ? QueryHelpers.ParseQuery(query)["identifier"].ToString()
            : null;
        (JsonObject? stored, int matches) = Store.Create(resource, condition);
        if (HidesCreates)
        {
            return new FhirAnswer(200);
        }

        return new FhirAnswer(matches switch { 0 => 201, 1 => 200, _ => 412 })
        {
            Location = matches > 1 ? null : $"{Endpoint}/{stored!["id"]}/_history/{stored["meta"]!["versionId"]}"
        };
    }

    private async Task<FhirAnswer> UpdateAsync(HttpRequest request, string id)
    {
        JsonObject resource = await BodyAsync(request);
        if ((string?)resource["id"] != id)
        {
            return new FhirAnswer(400) { Text = """{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid"}]}""" };
        }

        string? version = IgnoresIfMatch ? null : Header(request, "If-Match")?.Replace("W/", "", StringComparison.Ordinal).Trim('"');
        (JsonObject? stored, bool exists) = Store.Update(id, resource, version);
        return stored is not null
            ? new FhirAnswer(200) { Version = (string?)stored["meta"]!["versionId"] }
            : new FhirAnswer(exists ? 412 : 404);
    }

    private async Task<JsonObject> BodyAsync(HttpRequest request)
    {
        Assert.StartsWith("application/fhir+json", request.ContentType, StringComparison.Ordinal);
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        _written.Enqueue(body.ToArray());
        JsonObject resource = (JsonObject)JsonNode.Parse(body.ToArray())!;
        await (BeforeWrite?.Invoke(request) ?? Task.CompletedTask);
        return resource;
    }

    private JsonObject Shown(HttpRequest request, JsonObject resource)
    {
        string elements = request.Query["_elements"].ToString();
        if (elements.Length > 0 && !IgnoresElements)
        {
            foreach (string name in resource
                .Select(member => member.Key)
                .Except([.. elements.Split(','), "resourceType", "id", "meta"])
                .ToArray())
            {
                resource.Remove(name);
            }

            JsonObject meta = (JsonObject)resource["meta"]!;
            meta["tag"] = new JsonArray([
                .. (meta["tag"] as JsonArray ?? []).Select(tag => tag!.DeepClone()),
                new JsonObject { ["system"] = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", ["code"] = "SUBSETTED" }
            ]);
        }

        if (HasNoVersions)
        {
            ((JsonObject)resource["meta"]!).Remove("versionId");
        }

        return resource;
    }

    private static string? Header(HttpRequest request, string name)
        => request.Headers[name].Count > 0 ? request.Headers[name].ToString() : null;
}
