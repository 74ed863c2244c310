using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;
using ImagingIngestion.Dimse.Pdus;
using ImagingIngestion.Dimse.Scu;
using ImagingIngestion.EndToEnd.Tests.Fixtures;
using ImagingIngestion.TestData;
using ImagingIngestion.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace ImagingIngestion.EndToEnd.Tests.Memory;

/// <summary>The requests of clients for instances with a large header. Each returns null if the server asks to come again later.</summary>
internal sealed class LargeHeaderCalls(Server server, LargeHeader stored, LargeHeader converted) : IDisposable
{
    private const string StudyRootGet = "1.2.840.10008.5.1.4.1.2.2.3";
    private const ushort OutOfResources = 0xA700;

    private readonly HttpClient _client = new(new SocketsHttpHandler()) { BaseAddress = server.Root, Timeout = TimeSpan.FromMinutes(10) };

    public Task<Fingerprint?> MetadataAsync(TestInstance instance) => GetAsync(PathOf(instance) + "/metadata", "application/dicom+json");

    public Task<Fingerprint?> XmlAsync(TestInstance instance)
        => GetAsync(PathOf(instance) + "/metadata", "multipart/related; type=\"application/dicom+xml\"");

    public Task<Fingerprint?> SearchAsync(TestInstance instance)
        => GetAsync($"dicom-web/instances?SOPInstanceUID={instance.SopUid}&includefield=all", "application/dicom+json");

    public Task<Fingerprint?> ExplicitAsync(TestInstance instance)
        => GetAsync(PathOf(instance), $"application/dicom; transfer-syntax={Syntax.ExplicitLittle}");

    /// <summary>Retrieves by C-GET in Explicit VR Little Endian.</summary>
    public async Task<Fingerprint?> DimseGetAsync(TestInstance instance)
    {
        HashingStoreService receiver = new();
        AssociationRequestor requestor = new(new AssociationOptions(), TimeProvider.System, NullLogger<AssociationRequestor>.Instance);
        DimsePeer peer = new() { AeTitle = new AeTitle("DICOM-INGEST"), Host = "127.0.0.1", Port = server.DimsePort };
        AssociationRequest request = new()
        {
            CallingAeTitle = new AeTitle("TEST-SCU"),
            CalledAeTitle = peer.AeTitle,
            PresentationContexts =
            [
                new ProposedContext(1, StudyRootGet, [Syntax.ImplicitLittle]),
                new ProposedContext(3, instance.SopClassUid, [Syntax.ExplicitLittle])
            ],
            Roles = [new RoleSelection(instance.SopClassUid, IsScu: false, IsScp: true)],
            Services = [receiver],
        };
        await using Association association = await requestor.RequestAsync(peer, request, CancellationToken.None);
        byte[] identifier = new DataSetBuilder().Text(0x0008_0052, "CS", "STUDY")
            .Text(Tag.StudyInstanceUid, "UI", instance.StudyUid)
            .Encode(Wire.ImplicitLittle);
        RetrieveReport? last = null;
        await foreach (RetrieveReport report in GetScu.GetAsync(association, StudyRootGet, identifier, CancellationToken.None))
        {
            last = report;
        }

        if (last!.Status.Code is >= OutOfResources and <= OutOfResources + 0xFF)
        {
            return null;
        }

        Assert.Equal(DimseStatus.Success, last.Status);
        return Assert.Single(receiver.Stored);
    }

    /// <summary>Stores a new instance over HTTP.</summary>
    public async Task<Fingerprint?> StowAsync(TestInstance instance)
    {
        using PiecesContent body = new(stored.File(instance));
        using HttpResponseMessage response = await _client.PostAsync("dicom-web/studies", body);
        string answer = await response.Content.ReadAsStringAsync();
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            Assert.NotNull(response.Headers.RetryAfter);
            return null;
        }

        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{(int)response.StatusCode}: {answer}");
        return new Fingerprint(0, instance.SopUid);
    }

    /// <summary>Stores a new instance by C-STORE, in Implicit VR Little Endian.</summary>
    public async Task<Fingerprint?> DimseStoreAsync(TestInstance instance)
    {
        await using DimseSender sender = await DimseSender.ConnectAsync(server.DimsePort, [(instance.SopClassUid, Syntax.ImplicitLittle)]);
        OutgoingOperation operation = await sender.Association.InvokeAsync(
            sender.Context(instance.SopClassUid, Syntax.ImplicitLittle)!,
            new CStoreRequest { SopClassUid = instance.SopClassUid, SopInstanceUid = instance.SopUid },
            async (stream, token) =>
            {
                foreach (ReadOnlyMemory<byte> piece in converted.DataSet(instance))
                {
                    await stream.WriteAsync(piece, token);
                }
            },
            CancellationToken.None);
        DimseStatus status = (await operation.ReadAsync(CancellationToken.None)).Response.Status;
        if (status.Code is >= OutOfResources and <= OutOfResources + 0xFF)
        {
            return null;
        }

        Assert.Equal(DimseStatus.Success, status);
        return new Fingerprint(0, instance.SopUid);
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Reads a whole answer.</summary>
    public async Task<byte[]> ReadAsync(TestInstance instance, string below, string accept)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, PathOf(instance) + below);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using HttpResponseMessage response = await _client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static string PathOf(TestInstance instance)
        => $"dicom-web/studies/{instance.StudyUid}/series/{instance.SeriesUid}/instances/{instance.SopUid}";

    private async Task<Fingerprint?> GetAsync(string path, string accept)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            Assert.NotNull(response.Headers.RetryAfter);
            return null;
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await Fingerprint.ReadAsync(response);
    }
}

/// <summary>The body of a store request that is sent piece by piece, so that many of them share their bytes.</summary>
internal sealed class PiecesContent : HttpContent
{
    private readonly ReadOnlyMemory<byte>[] _pieces;

    public PiecesContent(ReadOnlyMemory<byte>[] pieces)
    {
        _pieces = pieces;
        Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        foreach (ReadOnlyMemory<byte> piece in _pieces)
        {
            await stream.WriteAsync(piece);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _pieces.Sum(piece => piece.Length);
        return true;
    }
}

/// <summary>Receives the instances of a C-GET and keeps only their fingerprints.</summary>
internal sealed class HashingStoreService : IDimseService
{
    public List<Fingerprint> Stored { get; } = [];

    public bool Performs(DimseRequest request) => request is CStoreRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length = 0;
        for (ReadOnlySequence<byte> bytes = await operation.DataSet!.ReadAsync(cancellationToken); !bytes.IsEmpty; bytes =
            await operation.DataSet.ReadAsync(cancellationToken))
        {
            foreach (ReadOnlyMemory<byte> block in bytes)
            {
                hash.AppendData(block.Span);
                length += block.Length;
            }
        }

        Stored.Add(new Fingerprint(length, Convert.ToHexString(hash.GetHashAndReset())));
        CStoreRequest request = (CStoreRequest)operation.Request;
        await operation.RespondAsync(
            new CStoreResponse { Status = DimseStatus.Success, SopClassUid = request.SopClassUid, SopInstanceUid = request.SopInstanceUid },
            null,
            cancellationToken);
    }
}
