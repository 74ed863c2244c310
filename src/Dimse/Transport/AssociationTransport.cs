using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.Dimse.Transport;

/// <summary>The transport of an association: a pipe in both directions, and the known facts about its other end.</summary>
/// <param name="pipe">Belongs to the association, which completes both directions at its end.</param>
/// <param name="close">Closes the layer below the pipe at once, so that waiting reads and writes end; may be called more than once.</param>
public sealed class AssociationTransport(IDuplexPipe pipe, Action close)
{
    public PipeReader Input => pipe.Input;

    public PipeWriter Output => pipe.Output;

    /// <summary>Null if the pipe is not a network connection.</summary>
    public EndPoint? RemoteEndPoint { get; init; }

    /// <summary>The peer's TLS certificate, already validated.</summary>
    public X509Certificate2? PeerCertificate { get; init; }

    /// <summary>Closes at once.</summary>
    public void Close() => close();
}
