using ImagingIngestion.Manifest.Background;

namespace ImagingIngestion.Gateways.Dimse.Commitment;

/// <summary>Tells the runner of new requests.</summary>
internal sealed class CommitmentSignal(TimeProvider time)
{
    private readonly Signal _signal = new(time);

    public void Raise() => _signal.Raise();

    public Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken) => _signal.WaitAsync(atMost, cancellationToken);
}
