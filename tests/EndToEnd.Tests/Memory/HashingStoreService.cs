using System.Buffers;
using System.Security.Cryptography;
using ImagingIngestion.Dimse.Associations;
using ImagingIngestion.Dimse.Messages;

namespace ImagingIngestion.EndToEnd.Tests.Memory;

/// <summary>Takes the instances of a C-GET and keeps only what identifies each.</summary>
internal sealed class HashingStoreService : IDimseService
{
    public List<Fingerprint> Stored { get; } = [];

    public bool Performs(DimseRequest request) => request is CStoreRequest;

    public async Task PerformAsync(IncomingOperation operation, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length = 0;
        for (ReadOnlySequence<byte> bytes = await operation.DataSet!.ReadAsync(cancellationToken); !bytes.IsEmpty; bytes = await operation.DataSet.ReadAsync(cancellationToken))
        {
            foreach (ReadOnlyMemory<byte> block in bytes)
            {
                hash.AppendData(block.Span);
                length += block.Length;
            }
        }

        Stored.Add(new Fingerprint(length, Convert.ToHexString(hash.GetHashAndReset())));
        CStoreRequest request = (CStoreRequest)operation.Request;
        await operation.RespondAsync(new CStoreResponse { Status = DimseStatus.Success, SopClassUid = request.SopClassUid, SopInstanceUid = request.SopInstanceUid }, null, cancellationToken);
    }
}
