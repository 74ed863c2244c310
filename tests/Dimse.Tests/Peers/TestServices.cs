using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.Dimse.Tests.Peers;

/// <summary>Answers C-ECHO.</summary>
internal sealed class EchoService : IDimseService
{
    public bool Performs(DimseRequest request) => request is CEchoRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
        => await operation.RespondAsync(
            new CEchoResponse { Status = DimseStatus.Success, SopClassUid = operation.Request.SopClassUid }, null, cancellationToken);
}

/// <summary>Reads the stored instances, and keeps their length and hash.</summary>
internal sealed class StoreService : IDimseService
{
    public ConcurrentDictionary<string, (long Length, string Hash)> Stored { get; } = new();

    public bool Performs(DimseRequest request) => request is CStoreRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length = 0;
        while (true)
        {
            ReadOnlySequence<byte> piece = await operation.DataSet!.ReadAsync(cancellationToken);
            if (piece.IsEmpty)
            {
                break;
            }

            length += piece.Length;
            foreach (ReadOnlyMemory<byte> segment in piece)
            {
                hash.AppendData(segment.Span);
            }
        }

        CStoreRequest request = (CStoreRequest)operation.Request;
        Stored[request.SopInstanceUid] = (length, Convert.ToHexString(hash.GetHashAndReset()));
        await operation.RespondAsync(
            new CStoreResponse { Status = DimseStatus.Success, SopClassUid = request.SopClassUid, SopInstanceUid = request.SopInstanceUid },
            null,
            cancellationToken);
    }
}

/// <summary>Performs the requests of one kind with a function of the test.</summary>
internal sealed class ScriptedService<T>(Func<IncomingOperation, CancellationToken, Task> perform) : IDimseService
    where T : DimseRequest
{
    public bool Performs(DimseRequest request) => request is T;

    public Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken) => perform(operation, cancellationToken);
}
