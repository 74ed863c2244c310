namespace ImagingIngestion.Dimse;

/// <summary>Counts the associations of a server, together and of each calling AE title.</summary>
internal sealed class AssociationLimits(int max, int maxPerAe)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byCalling = new(StringComparer.Ordinal);
    private int _count;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>False when there are enough.</summary>
    public bool TryEnter(string calling)
    {
        lock (_gate)
        {
            int own = _byCalling.GetValueOrDefault(calling);
            if (_count >= max || (maxPerAe > 0 && own >= maxPerAe))
            {
                return false;
            }

            _count++;
            _byCalling[calling] = own + 1;
            return true;
        }
    }

    public void Leave(string calling)
    {
        lock (_gate)
        {
            _count--;
            if (--_byCalling[calling] == 0)
            {
                _byCalling.Remove(calling);
            }
        }
    }
}
