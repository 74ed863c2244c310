using System.Globalization;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Manifest.Events;

/// <summary>
/// The id of an event (<c>ce-id</c>): the same for every reader and at every attempt, and another one in a log that was restored from a
/// backup.
/// </summary>
public static class EventIds
{
    /// <param name="logId">The name of the log (<see cref="IEventLog.LogId"/>).</param>
    /// <param name="sequence">The number of the event in it.</param>
    public static string Of(string logId, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{logId}-{sequence}");
}
