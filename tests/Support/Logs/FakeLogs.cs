using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ImagingIngestion.Tests;

/// <summary>Queries of tests to a <see cref="FakeLogCollector"/>.</summary>
internal static class FakeLogs
{
    /// <summary>Makes loggers of all levels that write into the collector.</summary>
    public static ILoggerFactory ToFactory(this FakeLogCollector log)
        => LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new FakeLoggerProvider(log)));

    /// <summary>Returns level, event id and message of each entry.</summary>
    public static IReadOnlyList<string> Lines(this FakeLogCollector log)
        => [.. log.GetSnapshot().Select(record => $"{record.Level} {record.Id.Id}: {record.Message}")];

    /// <summary>Returns the message with that of its exception.</summary>
    public static string Text(this FakeLogRecord record) => $"{record.Message} {record.Exception?.Message}";

    /// <summary>Returns the first record that fits, as soon as it is there.</summary>
    public static async Task<FakeLogRecord> UntilAsync(this FakeLogCollector log, Predicate<FakeLogRecord> fits, TimeSpan timeout)
    {
        using CancellationTokenSource late = new(timeout);
        await foreach (FakeLogRecord record in log.GetLogsAsync(late.Token))
        {
            if (fits(record))
            {
                return record;
            }
        }

        throw new InvalidOperationException("The log ended.");
    }

    /// <summary>Returns the first record with a text, as soon as it is there.</summary>
    public static Task<FakeLogRecord> UntilAsync(this FakeLogCollector log, string text, TimeSpan timeout)
        => log.UntilAsync(record => record.Text().Contains(text, StringComparison.Ordinal), timeout);
}
