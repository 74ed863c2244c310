using System.IO.Pipelines;
using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Gateways.Http;

/// <summary>The bytes of a connection, counted both ways.</summary>
internal sealed class PacedPipe(IDuplexPipe inner, PeerPace pace) : IDuplexPipe
{
    public PipeReader Input { get; } = new PacedPipeReader(inner.Input) { Pace = pace };

    public PipeWriter Output { get; } = new PacedPipeWriter(inner.Output, pace);
}
