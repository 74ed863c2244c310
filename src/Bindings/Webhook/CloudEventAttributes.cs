using System.Globalization;
using ImagingIngestion.Manifest.Events;

namespace ImagingIngestion.Bindings.Webhook;

/// <summary>The context attributes of an event by CloudEvents 1.0, in both modes the same.</summary>
internal static class CloudEventAttributes
{
    public const string ContentType = "application/json";

    /// <summary>Name and value of each attribute, datacontenttype left out: each mode says it in its own place.</summary>
    /// <param name="logged">The event.</param>
    /// <param name="logId">Names the log that its number counts in.</param>
    /// <param name="source">Who says it.</param>
    public static IEnumerable<(string Name, string Value)> Of(LoggedEvent logged, string logId, string source)
    {
        yield return ("specversion", "1.0");
        yield return ("id", EventIds.Of(logId, logged.Sequence));
        yield return ("source", source);
        yield return ("type", logged.Content.Type.Name());
        yield return ("subject", Subject(logged));
        yield return ("time", logged.OccurredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        yield return ("provider", logged.Study.Provider.Value);

        // As wide as the largest number, because the sequence extension is compared as text.
        yield return ("sequence", logged.Sequence.ToString("D19", CultureInfo.InvariantCulture));
        if (logged.Content.Change is { } change)
        {
            yield return ("changekind", change == ChangeKind.Modification ? "modification" : "addition");
        }
    }

    private static string Subject(LoggedEvent logged)
        => logged.Content.Instance is { } instance
            ? $"{logged.Study.Study.Value}/{instance.Series.Value}/{instance.Sop.Value}"
            : logged.Study.Study.Value;
}
