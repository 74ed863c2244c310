using System.Globalization;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Manifest.Background;

/// <summary>
/// Runs the work of one background loop until it is told to stop, whatever the work throws: the first failure of a row and every twentieth
/// are logged, the pauses grow up to a limit and begin anew with the next success, and meanwhile <see cref="Supervision"/> lists the
/// failure for those who ask after health.
/// </summary>
public sealed partial class SupervisedLoop
{
    private const int FaultsPerLog = 20;

    private readonly Supervision _supervision;
    private readonly TimeSpan _longestPause;
    private readonly ILogger _logger;
    private int _faults;
    private DateTimeOffset _failsSince;
    private string? _fault;

    internal SupervisedLoop(string name, TimeSpan longestPause, Supervision supervision)
    {
        Name = name;
        _longestPause = longestPause;
        _supervision = supervision;
        _logger = supervision.Loggers.CreateLogger<SupervisedLoop>();
    }

    /// <summary>What it does, in a few words that may be told to anybody.</summary>
    public string Name { get; }

    /// <summary>How long the oldest thing waits that the loop has to do, where it knows that.</summary>
    public Func<TimeSpan?>? OldestWaits { get; init; }

    /// <summary>What fails now, how often and since when, without values; null when nothing does.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>Runs the work, from the beginning after each failure, until it returns or is cancelled. Never fails.</summary>
    /// <param name="work">Mostly endless; it says with <see cref="Succeed"/> that it got somewhere.</param>
    /// <param name="cancellationToken">Tells it to stop.</param>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        _supervision.Add(this);
        try
        {
            while (!await TryAsync(work, cancellationToken).ConfigureAwait(false))
            {
                await PauseAsync(Backoff.Of(_faults, _longestPause), cancellationToken).ConfigureAwait(false);
            }

            Succeed();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // A loop ends by being cancelled.
        }
        finally
        {
            _supervision.Remove(this);
        }
    }

    /// <summary>Something of the work is done: the next failure is the first of a row again.</summary>
    public void Succeed()
    {
        if (_faults == 0)
        {
            return;
        }

        LogWorksAgain(_logger, Name, _faults);
        _faults = 0;
        Volatile.Write(ref _fault, null);
    }

    /// <summary>Waits by the clock of the process.</summary>
    public async Task PauseAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        if (length > TimeSpan.Zero)
        {
            using PeriodicTimer timer = new(length, _supervision.Time);
            await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Fail(error);
            return false;
        }
    }

    private void Fail(Exception error)
    {
        _failsSince = _faults++ == 0 ? _supervision.Time.GetUtcNow() : _failsSince;
        Volatile.Write(ref _fault, string.Create(
            CultureInfo.InvariantCulture,
            $"failed {_faults} times in a row since {_failsSince:yyyy-MM-dd'T'HH:mm:ss'Z'}: {Describe(error)}"));
        if (_faults % FaultsPerLog != 1)
        {
            return;
        }

        if (error is ManifestUnavailableException { NeedsOperator: false } or ObjectStoreException or OperationCanceledException)
        {
            LogFailed(_logger, Name, _faults, error);
        }
        else
        {
            LogBroken(_logger, Name, _faults, error);
        }
    }

    /// <summary>The messages of the ports hold no values; those of others may.</summary>
    private static string Describe(Exception error)
        => error is ManifestUnavailableException or ObjectStoreException ? error.Message : error.GetType().Name;

    [LoggerMessage(3070, LogLevel.Warning, "The work \"{Loop}\" failed ({Faults} times in a row) and is tried again until it succeeds")]
    private static partial void LogFailed(ILogger logger, string loop, int faults, Exception error);

    [LoggerMessage(
        3071,
        LogLevel.Error,
        "The work \"{Loop}\" failed ({Faults} times in a row) in a way that does not pass by itself; it is tried again all the same")]
    private static partial void LogBroken(ILogger logger, string loop, int faults, Exception error);

    [LoggerMessage(3072, LogLevel.Information, "The work \"{Loop}\" goes on after {Faults} failures")]
    private static partial void LogWorksAgain(ILogger logger, string loop, int faults);
}
