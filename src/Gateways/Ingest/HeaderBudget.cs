using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ImagingIngestion.Gateways;

/// <summary>
/// Bounds what headers and metadata hold in memory together, in all requests of the process that store, search or retrieve. A small header is free. A larger
/// one draws on a common pool as it grows, and when that is used up on a reserve that is enough for any header and serves one request at a time. The
/// holder of the reserve waits for nothing else, so requests never wait for each other's memory.
/// </summary>
public sealed class HeaderBudget(IngestLimits limits, TimeProvider? time = null) : IDisposable
{
    private readonly SemaphoreSlim _reserve = new(1);
    private long _pool = limits.HeaderPool;
    private int _waiting;

    /// <summary>Bytes of a header that need no cover.</summary>
    internal long FreeBytes => limits.FreeHeaderBytes;

    /// <summary>How long an answer may hold memory while others wait for it.</summary>
    internal TimeSpan HoldTime => limits.HeaderHoldTime;

    internal TimeProvider Time { get; } = time ?? TimeProvider.System;

    /// <summary>A request waits for the reserve.</summary>
    internal bool IsWanted => Volatile.Read(ref _waiting) > 0;

    /// <summary>The share of one request, to be disposed with it.</summary>
    internal HeaderShare Open() => new(this);

    internal bool TryDraw(long bytes)
    {
        if (Interlocked.Add(ref _pool, -bytes) >= 0)
        {
            return true;
        }

        Return(bytes);
        return false;
    }

    internal void Return(long bytes) => Interlocked.Add(ref _pool, bytes);

    internal async Task<bool> TryTakeReserveAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            return await _reserve.WaitAsync(limits.AdmissionWait, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    internal void ReturnReserve() => _reserve.Release();

    public void Dispose() => _reserve.Dispose();
}

/// <summary>Registers the one budget of the process.</summary>
internal static class HeaderBudgetRegistration
{
    public static IServiceCollection AddHeaderBudget(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => new HeaderBudget(provider.GetService<IngestLimits>() ?? new IngestLimits(), provider.GetService<TimeProvider>()));
        return services;
    }
}
