using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>A place among the associations of a pool, and the association in it after <see cref="OpenAsync"/>.</summary>
/// <remarks>
/// Disposing of the lease returns both. An association that is still open is kept for others, so it must have no operation open.
/// </remarks>
public sealed class AssociationLease : IAsyncDisposable
{
    private readonly AssociationPool _pool;
    private PooledAssociation? _pooled;
    private bool _isDisposed;

    internal AssociationLease(AssociationPool pool) => _pool = pool;

    /// <summary>The association was used before, so that the peer may have closed it unnoticed.</summary>
    public bool IsReused { get; private set; }

    /// <summary>Gets an association that was negotiated for the needs: one that is open, or a new one.</summary>
    /// <remarks>An association of the lease that does not cover the needs is replaced.</remarks>
    /// <param name="needs">1 to 128. The peer may have refused some or all of them: see <see cref="Association.Contexts"/>.</param>
    /// <param name="mustBeNew">Opens a new one even if there is an open one.</param>
    /// <param name="cancellationToken">Ends the wait for the peer.</param>
    /// <exception cref="AssociationException">There is no association: not connected, rejected, timed out.</exception>
    public async Task<Association> OpenAsync(IReadOnlyList<ContextNeed> needs, bool mustBeNew, CancellationToken cancellationToken)
    {
        PooledAssociation? held = _pooled;
        _pooled = null;
        IsReused = false;
        (_pooled, IsReused) = await _pool.OpenAsync(held, needs, mustBeNew, cancellationToken);
        return _pooled.Association;
    }

    public ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _pool.Return(_pooled);
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>An association of a pool with the contexts proposed on it.</summary>
internal sealed class PooledAssociation(Association association, IReadOnlyList<ContextNeed> proposed, TimeProvider time)
{
    private readonly HashSet<ContextNeed> _proposed = [.. proposed];
    private readonly long _openedAt = time.GetTimestamp();
    private long _usedAt = time.GetTimestamp();

    public Association Association => association;

    public TimeSpan IdleFor => time.GetElapsedTime(_usedAt);

    public void Touch() => _usedAt = time.GetTimestamp();

    /// <summary>Returns whether the peer has decided on all of the needs.</summary>
    /// <remarks>A refusal counts only for a limited time, because peers are reconfigured while associations last.</remarks>
    public bool Covers(IReadOnlyList<ContextNeed> needs, TimeSpan refusalLifetime)
    {
        bool isYoung = time.GetElapsedTime(_openedAt) < refusalLifetime;
        return needs.All(need => _proposed.Contains(need)
            && (isYoung || association.FindScuContext(need.AbstractSyntax, need.TransferSyntax) is not null));
    }
}

/// <summary>A presentation context that a caller wants to use.</summary>
/// <remarks>It is proposed with this transfer syntax alone, so that the peer decides on each of them.</remarks>
public readonly record struct ContextNeed(string AbstractSyntax, string TransferSyntax);

/// <summary>The recently needed contexts, the latest first.</summary>
/// <remarks>
/// An association also proposes these, so that alternating needs find one association that covers all of them. Not safe for several
/// threads.
/// </remarks>
internal sealed class RecentNeeds
{
    /// <summary>Presentation context IDs are the odd numbers of a byte (PS3.8 section 9.3.2.2).</summary>
    private const int Most = 128;

    private readonly LinkedList<ContextNeed> _needs = new();

    /// <summary>Adds needs and returns all, these first.</summary>
    public IReadOnlyList<ContextNeed> Add(IReadOnlyList<ContextNeed> needs)
    {
        foreach (ContextNeed need in needs.Reverse())
        {
            _needs.Remove(need);
            _needs.AddFirst(need);
        }

        while (_needs.Count > Most)
        {
            _needs.RemoveLast();
        }

        return [.. _needs];
    }
}
