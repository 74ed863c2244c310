namespace ImagingIngestion.Bindings.Http;

/// <summary>
/// What the answers to all bindings of a process may hold in memory: small ones are free, of long ones only a few are held at once.
/// </summary>
public sealed class AnswerMemory : IDisposable
{
    /// <summary>Bytes of an answer that need no place.</summary>
    public const int FreeBytes = 256 << 10;

    /// <summary>The most bytes of an answer that is read as a whole.</summary>
    public const int MaxAnswerBytes = 4 << 20;

    /// <summary>Places for answers of up to <see cref="MaxAnswerBytes"/>: 16 MiB.</summary>
    private const int Places = 4;

    private readonly SemaphoreSlim _places = new(Places);

    public void Dispose() => _places.Dispose();

    /// <summary>Waits for a place; whoever holds one waits for its peer at most.</summary>
    internal async ValueTask<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        return new Place(_places);
    }

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private SemaphoreSlim? _places = places;

        public void Dispose() => Interlocked.Exchange(ref _places, null)?.Release();
    }
}
