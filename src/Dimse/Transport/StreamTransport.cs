using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.Dimse.Transport;

/// <summary>Makes the pipe of an association from a stream. Buffers are taken only when bytes are there, so that silent connections cost little.</summary>
internal static class StreamTransport
{
    /// <summary>Few reads for a PDU of the usual length, and a bounded share of memory for each association.</summary>
    private const int ReceiveBufferSize = 128 << 10;

    private const int SendBufferSize = 16 << 10;

    private static readonly StreamPipeReaderOptions ReaderOptions = new(bufferSize: ReceiveBufferSize, minimumReadSize: 8 << 10, leaveOpen: true, useZeroByteReads: true);
    private static readonly StreamPipeWriterOptions WriterOptions = new(minimumBufferSize: SendBufferSize, leaveOpen: true);

    public static AssociationTransport Create(Stream stream, EndPoint? remote)
        => new(new StreamPipe(PipeReader.Create(stream, ReaderOptions), PipeWriter.Create(stream, WriterOptions)), stream.Dispose)
        {
            RemoteEndPoint = remote,
            PeerCertificate = (stream as SslStream)?.RemoteCertificate as X509Certificate2,
        };

    private sealed record StreamPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
