using ImagingIngestion.Gateways.Admission;
using Microsoft.AspNetCore.Connections;

namespace ImagingIngestion.Gateways.Http;

/// <summary>The connections of all listeners.</summary>
internal sealed class BoundedConnections(Func<int> places, PlaceRules rules, TimeProvider time)
{
    private static readonly TimeSpan BetweenVictims = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly HashSet<BoundedConnection> _open = [];
    private TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Waits until the connection has a place, taking that of an idle one where none is free, else of the slowest below the least rate.
    /// </summary>
    public async ValueTask<ConnectionContext> AddAsync(ConnectionContext connection, CancellationToken cancellationToken)
    {
        BoundedConnection added = new(connection, this, rules, time);
        while (!TryAdd(added, out Task left))
        {
            MakeRoom();
            try
            {
                await left.WaitAsync(BetweenVictims, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // It did not close, or all are at work: another look.
            }
        }

        return added;
    }

    public void Remove(BoundedConnection connection)
    {
        TaskCompletionSource left;
        lock (_gate)
        {
            _open.Remove(connection);
            left = _left;
            _left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        left.TrySetResult();
    }

    private bool TryAdd(BoundedConnection connection, out Task left)
    {
        lock (_gate)
        {
            left = _left.Task;
            return _open.Count < places() && _open.Add(connection);
        }
    }

    private void MakeRoom()
    {
        BoundedConnection[] open;
        lock (_gate)
        {
            open = [.. _open];
        }

        if (open.Where(connection => connection.IdleSince is not null).MinBy(connection => connection.IdleSince) is { } idle)
        {
            idle.Close();
        }
        else
        {
            open.Where(connection => connection.Pace.IsSlow).MinBy(connection => connection.Pace.Rate)?.BreakOff();
        }
    }
}
