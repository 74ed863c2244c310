using ImagingIngestion.Grains;

namespace ImagingIngestion.Bindings;

/// <summary>Pauses a loop. After failures in a row the pauses grow.</summary>
internal sealed class Pause(TimeProvider time)
{
    private const int MostDoublings = 5;

    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private int _failures;

    /// <summary>The last thing that was tried has failed.</summary>
    public bool HasFailed => _failures > 0;

    public void Succeed() => _failures = 0;

    /// <summary>1 second after the first failure, twice as long after each further one, up to 32 seconds.</summary>
    public Task FailAsync(CancellationToken cancellationToken)
        => ForAsync(AfterFailure * (1 << Math.Min(_failures++, MostDoublings)), cancellationToken);

    public async Task ForAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        Signal over = new(time);
        await over.WaitAsync(length, cancellationToken).ConfigureAwait(false);
    }
}
