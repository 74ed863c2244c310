using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Server;

/// <summary>The table of a server's associations, bounded together and for each calling AE title.</summary>
/// <remarks>
/// When it is full, a new association replaces the one that has been idle longest, otherwise the slowest one below the minimum rate. Silent
/// peers cannot lock others out.
/// </remarks>
/// <param name="max">Associations at once.</param>
/// <param name="maxPerAe">Associations of one calling title; 0 for no separate limit.</param>
/// <param name="idleGrace">The time after its last operation during which an association is not replaced, because senders pause.</param>
internal sealed class AssociationLimits(int max, int maxPerAe, TimeSpan idleGrace)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IAssociationEntry, string> _entries = [];

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Adds an association; returns false if there is no room and all others are working.</summary>
    public bool TryEnter(string calling, IAssociationEntry entry)
    {
        List<IAssociationEntry> leaving = [];
        bool hasEntered;
        lock (_gate)
        {
            hasEntered = (maxPerAe == 0 || TryMakeRoom(leaving, maxPerAe, calling))
                && TryMakeRoom(leaving, max, null)
                && _entries.TryAdd(entry, calling);
        }

        leaving.ForEach(other => other.GiveWay());
        return hasEntered;
    }

    public void Leave(IAssociationEntry entry)
    {
        lock (_gate)
        {
            _entries.Remove(entry);
        }
    }

    private bool TryMakeRoom(List<IAssociationEntry> leaving, int limit, string? calling)
    {
        IAssociationEntry[] counted = [.. _entries.Where(pair => calling is null || pair.Value == calling).Select(pair => pair.Key)];
        if (counted.Length < limit)
        {
            return true;
        }

        IAssociationEntry? next = counted.Where(entry => entry.Idle >= idleGrace).MaxBy(entry => entry.Idle ?? TimeSpan.Zero)
            ?? counted.Where(entry => entry.Pace.IsSlow).MinBy(entry => entry.Pace.Rate);
        if (next is null)
        {
            return false;
        }

        _entries.Remove(next);
        leaving.Add(next);
        return true;
    }
}

/// <summary>An association in the table.</summary>
internal interface IAssociationEntry
{
    /// <summary>The time since the last work; null while there is work.</summary>
    TimeSpan? Idle { get; }

    /// <summary>The speed of the peer within a message.</summary>
    PeerPace Pace { get; }

    /// <summary>Ends it, because another one takes its place.</summary>
    void GiveWay();
}
