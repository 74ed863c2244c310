namespace ImagingIngestion.Gateways.Cluster;

/// <summary>Bounds the calls that are under way, by number and bytes.</summary>
/// <param name="maxCalls">The most calls.</param>
/// <param name="maxBytes">The most bytes; one call may be larger when it is alone.</param>
public sealed class CallBudget(int maxCalls, long maxBytes)
{
    private readonly Lock _gate = new();
    private long _bytes;
    private int _calls;

    /// <summary>Takes a call in; false when there is no room.</summary>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            if (_calls >= maxCalls || (_calls > 0 && _bytes + bytes > maxBytes))
            {
                return false;
            }

            _calls++;
            _bytes += bytes;
            return true;
        }
    }

    /// <summary>The call is over.</summary>
    public void Return(long bytes)
    {
        lock (_gate)
        {
            _calls--;
            _bytes -= bytes;
        }
    }
}
