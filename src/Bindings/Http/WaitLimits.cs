namespace ImagingIngestion.Bindings.Http;

/// <summary>How long a peer may let us wait.</summary>
/// <param name="Idle">For a step in which it takes nothing and sends nothing.</param>
/// <param name="Slack">In all, within the body of a request and again within its answer, beyond what its bytes need at <see cref="PeerWatch.LeastBytesPerSecond"/>.</param>
internal readonly record struct WaitLimits(TimeSpan Idle, TimeSpan Slack);
