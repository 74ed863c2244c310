namespace ImagingIngestion.Gateways;

/// <summary>What one upload has drawn on the <see cref="HeaderBudget"/>; goes back when it is disposed.</summary>
internal sealed class HeaderShare(HeaderBudget budget) : IDisposable
{
    private const long Step = 256 << 10;

    private long _drawn;
    private bool _hasReserve;

    /// <summary>Covers a header that has grown to this size, waiting where that is needed; false when it took too long.</summary>
    public ValueTask<bool> CoverAsync(long bytes, CancellationToken cancellationToken)
    {
        long missing = bytes - budget.FreeBytes - _drawn;
        if (missing <= 0 || _hasReserve)
        {
            return ValueTask.FromResult(true);
        }

        long steps = (missing + Step - 1) / Step * Step;
        if (!budget.TryDraw(steps))
        {
            return MoveToReserveAsync(cancellationToken);
        }

        _drawn += steps;
        return ValueTask.FromResult(true);
    }

    public void Dispose()
    {
        budget.Return(_drawn);
        _drawn = 0;
        if (_hasReserve)
        {
            _hasReserve = false;
            budget.ReturnReserve();
        }
    }

    private async ValueTask<bool> MoveToReserveAsync(CancellationToken cancellationToken)
    {
        _hasReserve = await budget.TryTakeReserveAsync(cancellationToken);
        if (_hasReserve)
        {
            budget.Return(_drawn);
            _drawn = 0;
        }

        return _hasReserve;
    }
}
