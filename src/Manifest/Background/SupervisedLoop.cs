using System.Globalization;
using ImagingIngestion.Manifest.Ports;
using Microsoft.Extensions.Logging;

namespace ImagingIngestion.Manifest.Background;

/// <summary>Runs the work of one background loop until it is told to stop, whatever the work throws.</summary>
/// <remarks>
/// The log gets the first of consecutive failures and every twentieth. The pauses grow up to a limit, and start small again after a
/// success. As long as the work fails, <see cref="Supervision"/> lists the failure for health checks.
/// </remarks>
public sealed partial class SupervisedLoop
{
    private const int FaultsPerLog = 20;

    private readonly Supervision _supervision;
    private readonly TimeSpan _longestPause;
    private readonly ILogger _logger;
    private readonly RepeatedFault _faults = new(FaultsPerLog);
    private DateTimeOffset _failsSince;
    private string? _fault;

    internal SupervisedLoop(string name, TimeSpan longestPause, Supervision supervision)
    {
        Name = name;
        _longestPause = longestPause;
        _supervision = supervision;
        _logger = supervision.Loggers.CreateLogger<SupervisedLoop>();
    }

    /// <summary>The purpose of the loop in a few words, fit for everybody.</summary>
    public string Name { get; }

    /// <summary>Returns how long the oldest item of the loop's work waits; null if unknown.</summary>
    public Func<TimeSpan?>? OldestWaits { get; init; }

    /// <summary>The current fault with its count and beginning, without values; null if there is none.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>Runs the work, and again after each failure, until it returns or is cancelled. Never throws.</summary>
    /// <param name="work">The work, mostly endless; it calls <see cref="Succeed"/> when it makes progress.</param>
    /// <param name="cancellationToken">Stops the loop.</param>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        _supervision.Add(this);
        try
        {
            while (!await TryAsync(work, cancellationToken).ConfigureAwait(false))
            {
                await PauseAsync(Backoff.Of(_faults.Count, _longestPause), cancellationToken).ConfigureAwait(false);
            }

            Succeed();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Cancellation is how a loop ends.
        }
        finally
        {
            _supervision.Remove(this);
        }
    }

    /// <summary>Notes progress: the next fault is the first of a new series.</summary>
    public void Succeed()
    {
        if (_faults.Clear() is > 0 and int faults)
        {
            LogWorksAgain(_logger, Name, faults);
            Volatile.Write(ref _fault, null);
        }
    }

    /// <summary>Waits by the clock of the process.</summary>
    public Task PauseAsync(TimeSpan length, CancellationToken cancellationToken)
        => length > TimeSpan.Zero ? Task.Delay(length, _supervision.Time, cancellationToken) : Task.CompletedTask;

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
        bool isLogged = _faults.Add(out int faults);
        _failsSince = faults == 1 ? _supervision.Time.GetUtcNow() : _failsSince;
        Volatile.Write(ref _fault, string.Create(
            CultureInfo.InvariantCulture,
            $"failed {faults} times in a row since {_failsSince:yyyy-MM-dd'T'HH:mm:ss'Z'}: {Describe(error)}"));
        if (!isLogged)
        {
            return;
        }

        if (error is ManifestUnavailableException { NeedsOperator: false } or ObjectStoreException or OperationCanceledException)
        {
            LogFailed(_logger, Name, faults, error);
        }
        else
        {
            LogBroken(_logger, Name, faults, error);
        }
    }

    /// <summary>Returns a text for health: messages of the ports hold no values, others may.</summary>
    private static string Describe(Exception error)
        => error is ManifestUnavailableException or ObjectStoreException ? error.Message : error.GetType().Name;

    [LoggerMessage(3070, LogLevel.Warning, "The work \"{Loop}\" failed ({Faults} times in a row) and is tried again until it succeeds")]
    private static partial void LogFailed(ILogger logger, string loop, int faults, Exception error);

    [LoggerMessage(
        3071,
        LogLevel.Error,
        "The work \"{Loop}\" failed ({Faults} times in a row) and needs an operator; it is tried again anyway")]
    private static partial void LogBroken(ILogger logger, string loop, int faults, Exception error);

    [LoggerMessage(3072, LogLevel.Information, "The work \"{Loop}\" works again after {Faults} failures")]
    private static partial void LogWorksAgain(ILogger logger, string loop, int faults);
}
