using ImagingIngestion.Hosting.Sweep;

namespace ImagingIngestion.Hosting.Health;

/// <summary>Looks for the mark of this installation in the object store: it is there, it is the right one, and it can be read.</summary>
internal sealed class ObjectsReadingCheck(StoreMark mark) : IReadinessCheck
{
    public Task<string?> FindFaultAsync(CancellationToken cancellationToken) => mark.FindFaultAsync(cancellationToken);
}

/// <summary>
/// Asks the object store whether it would take an object. An upload would wait for room in memory, and a busy process is ready all the
/// same.
/// </summary>
/// <param name="mark">The object to ask with.</param>
/// <param name="trust">How long it need not be asked again after it said yes: in a bucket each question costs a request.</param>
/// <param name="time">The clock.</param>
internal sealed class ObjectsWritingCheck(StoreMark mark, TimeSpan trust, TimeProvider time) : IReadinessCheck
{
    private long? _workedAt;

    public ReadinessScope Scope => ReadinessScope.Writing;

    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        if (_workedAt is { } since && time.GetElapsedTime(since) < trust)
        {
            return null;
        }

        _workedAt = null;
        await mark.TryWriteAsync(cancellationToken);
        _workedAt = time.GetTimestamp();
        return null;
    }
}
