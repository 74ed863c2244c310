using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using Microsoft.Extensions.Logging.Abstractions;
using Handed = ImagingIngestion.EndToEnd.Tests.Labels.IndependentReader.Handed;

namespace ImagingIngestion.EndToEnd.Tests.Labels;

/// <summary>Asks a server for one instance in every way, and keeps the successful answers for <see cref="IndependentReader"/>.</summary>
internal sealed class HandedOut(Server server, IndependentReader reader)
{
    private const string StudyRootGet = "1.2.840.10008.5.1.4.1.2.2.3";
    private const string Octets = "application/octet-stream";
    private const int BulkValues = 5;

    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(2);
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 100_000 };

    private readonly AssociationRequestor _requestor = new(
        new AssociationOptions(), TimeProvider.System, NullLogger<AssociationRequestor>.Instance);

    /// <summary>Faults that need no reader.</summary>
    public List<string> Faults { get; } = [];

    /// <param name="name">The stored file.</param>
    /// <param name="path">Its UIDs.</param>
    /// <param name="hasWarning">The sender was warned that the bytes are odd: then the stored bytes may be odd, too.</param>
    public async Task AskAsync(string name, StoredPath path, bool hasWarning)
    {
        (string label, byte[] stored) = await RetrieveAsync(path, "application/dicom; transfer-syntax=*")
            ?? throw new InvalidOperationException($"{name}: its stored bytes cannot be retrieved.");
        if (!hasWarning)
        {
            reader.Add(new Handed(name, "stored bytes", label), stored);
        }

        foreach (string accept in new[]
        {
            "application/dicom",
            "multipart/related; type=\"application/dicom\"",
            $"application/dicom; transfer-syntax={label}",
            "*/*"
        })
        {
            if (await RetrieveAsync(path, accept) is var (syntax, file))
            {
                reader.Add(new Handed(name, accept, syntax), file);
            }
        }

        JsonObject metadata = await MetadataAsync(name, path);
        await AskPixelsAsync(name, path, metadata, label, stored);
        string sopClass = metadata["00080016"]!["Value"]![0]!.GetValue<string>();
        foreach (string syntax in new[] { label, Syntax.ExplicitLittle, Syntax.ImplicitLittle }.Distinct())
        {
            await GetAsync(name, path, sopClass, syntax);
        }
    }

    private async Task<(string Label, byte[] File)?> RetrieveAsync(StoredPath path, string accept)
    {
        using HttpResponseMessage response = await server.Client.GetAsync(path.Path, accept);
        if (!response.IsSuccessStatusCode)
        {
            return null;
        }

        (MediaTypeHeaderValue type, byte[] body) = First(
            response.Content.Headers.ContentType!, await response.Content.ReadAsByteArrayAsync());
        return (SyntaxOf(type), body);
    }

    private async Task<JsonObject> MetadataAsync(string name, StoredPath path)
    {
        using HttpResponseMessage response = await server.Client.GetAsync(path.Path + "/metadata", "application/dicom+json");
        string json = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{name}: {json}");
        return JsonNode.Parse(json, documentOptions: Deep)![0]!.AsObject();
    }

    private async Task AskPixelsAsync(string name, StoredPath path, JsonObject metadata, string label, byte[] stored)
    {
        foreach (string accept in new[] { Octets, "*/*", $"{Octets}; transfer-syntax=*" })
        {
            using HttpResponseMessage response = await server.Client.GetAsync(path.Path + "/frames/1", accept);
            await KeepOctetsAsync($"frames/1 as {accept}", response, isFrame: true);
        }

        IEnumerable<string> uris = metadata.Select(element => element.Value?["BulkDataURI"]?.GetValue<string>()).OfType<string>();
        foreach (string uri in uris.Take(BulkValues).Concat(uris.TakeLast(1)).Distinct())
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(server.Root, new Uri(uri).PathAndQuery));
            request.Headers.TryAddWithoutValidation("Accept", Octets);
            using HttpResponseMessage response = await server.Client.SendAsync(request);
            await KeepOctetsAsync(uri[uri.LastIndexOf("bulkdata", StringComparison.Ordinal)..], response, isFrame: false);
        }

        async Task KeepOctetsAsync(string how, HttpResponseMessage response, bool isFrame)
        {
            if (!response.IsSuccessStatusCode)
            {
                return;
            }

            (MediaTypeHeaderValue type, byte[] body) = First(
                response.Content.Headers.ContentType!, await response.Content.ReadAsByteArrayAsync());
            bool isNative = SyntaxOf(type) is Syntax.ExplicitLittle or Syntax.ImplicitLittle or Syntax.ExplicitBig or Syntax.Deflated;
            if (type.MediaType != Octets || !isNative || (!isFrame && !how.EndsWith("7FE00010", StringComparison.Ordinal)))
            {
                return;
            }

            reader.Add(new Handed(name, how, label) { IsPixelData = true }, stored);
            if (isFrame && FrameBytes(metadata) is { } expected && body.Length != expected)
            {
                Faults.Add($"{name}, {how}: {body.Length} bytes for a frame of {expected}");
            }
        }
    }

    /// <summary>Retrieves by C-GET, like a workstation that accepts one transfer syntax.</summary>
    private async Task GetAsync(string name, StoredPath path, string sopClass, string syntax)
    {
        Receiver receiver = new();
        AssociationRequest request = new()
        {
            CallingAeTitle = new AeTitle("WORKSTATION"),
            CalledAeTitle = new AeTitle("DICOM-INGEST"),
            PresentationContexts =
            [
                new ProposedContext(1, StudyRootGet, [Syntax.ImplicitLittle]),
                new ProposedContext(3, sopClass, [syntax])
            ],
            Roles = [new RoleSelection(sopClass, IsScu: false, IsScp: true)],
            Services = [receiver],
        };
        byte[] identifier = new DataSetBuilder().Text(0x0008_0052, "CS", "IMAGE").Text(Tag.SopInstanceUid, "UI", path.Sop)
            .Text(Tag.StudyInstanceUid, "UI", path.Study).Text(Tag.SeriesInstanceUid, "UI", path.Series).Encode(Wire.ImplicitLittle);
        DimsePeer peer = new() { AeTitle = request.CalledAeTitle, Host = "127.0.0.1", Port = server.DimsePort };
        await using Association association = await _requestor.RequestAsync(peer, request, CancellationToken.None).WaitAsync(Wait);
        List<RetrieveReport> reports =
            await GetScu.GetAsync(association, StudyRootGet, identifier, CancellationToken.None).ToListAsync().AsTask().WaitAsync(Wait);
        if (receiver.DataSet is { } dataSet && reports[^1].SubOperations is { Completed: 1 })
        {
            reader.AddDataSet(new Handed(name, "C-GET", syntax), dataSet);
        }
    }

    /// <summary>Returns the bytes of a native frame (PS3.5 section 8); null if the metadata do not determine them.</summary>
    private static long? FrameBytes(JsonObject metadata)
    {
        long? rows = Number("00280010"), columns = Number("00280011"), bits = Number("00280100");
        bool isSubsampled = metadata["00280004"]?["Value"]?[0]?.GetValue<string>().Contains("_42", StringComparison.Ordinal) ?? false;
        return rows is null || columns is null || bits is null || isSubsampled || !metadata.ContainsKey("7FE00010")
            ? null
            : ((rows * columns * bits * Math.Max(1, Number("00280002") ?? 1)) + 7) / 8;

        long? Number(string tag) => metadata[tag]?["Value"]?[0] is JsonValue value && value.TryGetValue(out long number) ? number : null;
    }

    private static string SyntaxOf(MediaTypeHeaderValue type)
        => type.Parameters.FirstOrDefault(parameter => parameter.Name == "transfer-syntax")?.Value?.Trim('"') ?? Syntax.ExplicitLittle;

    /// <summary>Returns the body, or its first part.</summary>
    private static (MediaTypeHeaderValue Type, byte[] Body) First(MediaTypeHeaderValue type, byte[] body)
    {
        if (type.MediaType != "multipart/related")
        {
            return (type, body);
        }

        string boundary = type.Parameters.Single(parameter => parameter.Name == "boundary").Value!.Trim('"');
        int headers = body.AsSpan().IndexOf("\r\n\r\n"u8);
        string partType = Encoding.ASCII.GetString(body, 0, headers).Split("\r\n").Single(
            line => line.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase));
        ReadOnlySpan<byte> part = body.AsSpan(headers + 4);
        return (MediaTypeHeaderValue.Parse(partType[13..].Trim()),
            part[..part.IndexOf(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\r\n--{boundary}")))].ToArray());
    }

    /// <summary>Receives the one instance.</summary>
    private sealed class Receiver : IDimseService
    {
        public byte[]? DataSet { get; private set; }

        public bool Performs(DimseRequest request) => request is CStoreRequest;

        public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
        {
            DataSet = await operation.DataSet!.ReadAllAsync(cancellationToken);
            CStoreResponse response = new()
            {
                Status = DimseStatus.Success,
                SopInstanceUid = ((CStoreRequest)operation.Request).SopInstanceUid
            };
            await operation.RespondAsync(response, null, cancellationToken);
        }
    }
}
