namespace ImagingIngestion.Silo.Cluster;

/// <summary>Remembers calls as long as they could be taken again.</summary>
internal sealed class ReplayGuard
{
    private const int MaxRemembered = 1_000_000;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, long> _byDeadline = new();

    /// <summary>False when the call was seen before, or there are too many to remember.</summary>
    /// <param name="nonce">Names the call.</param>
    /// <param name="deadline">After it, nobody takes the call.</param>
    /// <param name="now">The time, on the same clock.</param>
    public bool TryAdd(string nonce, long deadline, long now)
    {
        lock (_gate)
        {
            while (_byDeadline.TryPeek(out string? oldest, out long until) && until < now)
            {
                _byDeadline.Dequeue();
                _seen.Remove(oldest);
            }

            if (_seen.Count >= MaxRemembered || !_seen.Add(nonce))
            {
                return false;
            }

            _byDeadline.Enqueue(nonce, deadline);
            return true;
        }
    }
}
