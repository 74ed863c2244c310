using ImagingIngestion.Dimse.Associations;

namespace ImagingIngestion.Dimse.Scu;

/// <summary>
/// One place among the associations of a pool, and the association in it once <see cref="OpenAsync"/> got it. Disposing it gives both back:
/// an association that is still open is kept for others, so it must have no operation open.
/// </summary>
public sealed class AssociationLease : IAsyncDisposable
{
    private readonly AssociationPool _pool;
    private PooledAssociation? _pooled;
    private bool _isDisposed;

    internal AssociationLease(AssociationPool pool) => _pool = pool;

    /// <summary>The association has served others before, so that the peer may have closed it unnoticed.</summary>
    public bool IsReused { get; private set; }

    /// <summary>
    /// Gets an association that was negotiated for the needs: one that is open, or a new one. One that the lease has already and that does
    /// not do is replaced.
    /// </summary>
    /// <param name="needs">1 to 128. The peer may have refused some or all of them: see <see cref="Association.Contexts"/>.</param>
    /// <param name="mustBeNew">Takes none that is open.</param>
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
