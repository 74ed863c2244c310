using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace ImagingIngestion.Dimse.Transport;

/// <summary>What an association runs over: a pipe in both directions, and what is known of its other end.</summary>
/// <param name="pipe">Belongs to the association, which completes both directions at its end.</param>
/// <param name="close">
/// Lets go of what is below the pipe at once, so that reads and writes that wait end; may be called more than once.
/// </param>
public sealed class AssociationTransport(IDuplexPipe pipe, Action close)
{
    public PipeReader Input => pipe.Input;

    public PipeWriter Output => pipe.Output;

    /// <summary>Null where it is no network connection.</summary>
    public EndPoint? RemoteEndPoint { get; init; }

    /// <summary>What the peer showed over TLS, already validated.</summary>
    public X509Certificate2? PeerCertificate { get; init; }

    /// <summary>Closes at once.</summary>
    public void Close() => close();
}
