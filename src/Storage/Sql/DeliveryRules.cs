using ImagingIngestion.Manifest.Events;
using ImagingIngestion.Manifest.Ports;

namespace ImagingIngestion.Storage.Sql;

/// <summary>Rules that follow from the events that a binding takes.</summary>
internal static class DeliveryTypes
{
    /// <summary>Returns true if a binding takes events of instances: it begins with instances, any other with revisions.</summary>
    public static bool TakesInstances(BindingDefinition binding) => binding.Types.Any(type => type != EventType.StudyRevision);

    /// <summary>Returns the type of the deliveries that come from a snapshot.</summary>
    public static EventType OfSnapshot(BindingDefinition binding)
        => TakesInstances(binding) ? binding.Types.Where(type => type != EventType.StudyRevision).Max() : EventType.StudyRevision;

    /// <summary>Returns what a new binding begins with; if nothing is true, it begins with the next event.</summary>
    /// <returns>Whether it begins with the oldest event of the log, with the instances of the manifest, or with its studies.</returns>
    public static (bool FromOldestEvent, bool Instances, bool Studies) StartOf(BindingDefinition binding)
    {
        bool fromBeginning = binding.Start == BindingStart.Beginning;
        bool takesSnapshot = fromBeginning && !binding.KeepsEveryEvent;
        bool takesInstances = TakesInstances(binding);
        return (fromBeginning && binding.KeepsEveryEvent, takesSnapshot && takesInstances, takesSnapshot && !takesInstances);
    }

    /// <summary>Returns the modalities of the filter in lower case, each enclosed as a column of the log encloses its values.</summary>
    public static string[] EnclosedModalities(BindingDefinition binding)
        => [.. binding.Filter.Modalities.Select(
            modality => $"{PreparedEvent.Delimiter}{modality.Trim().ToLowerInvariant()}{PreparedEvent.Delimiter}")];

    /// <exception cref="ArgumentException">
    /// The binding keeps the newest state only, but takes both events of instances and revisions.
    /// </exception>
    public static void Check(BindingDefinition binding)
    {
        if (!binding.KeepsEveryEvent && binding.Types.Contains(EventType.StudyRevision) && TakesInstances(binding))
        {
            throw new ArgumentException(
                "A binding that does not keep every event takes either events of instances or revisions, not both.", nameof(binding));
        }
    }
}

/// <summary>The reason why a delivery failed, as the store keeps it.</summary>
internal static class DeliveryError
{
    private const int MaxLength = 1000;

    /// <summary>Cuts a text that is too long, but never within a character.</summary>
    public static string? Cut(string? error)
        => error is not { Length: > MaxLength } ? error : error[..(char.IsHighSurrogate(error[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
}

/// <summary>How many dead letters one transaction changed, and the id of the last.</summary>
internal readonly record struct DeadLetterBatch(int Count, long Last)
{
    /// <summary>Changes one letter, or all of them in batches.</summary>
    /// <remarks>It passes over the ids once: a letter that dies again in the meantime is left alone.</remarks>
    /// <param name="id">The letter; null for all.</param>
    /// <param name="size">The most letters that one batch changes.</param>
    /// <param name="change">Changes the first letters of a range of ids.</param>
    /// <param name="cancellationToken">Ends the work after a batch, or within one.</param>
    /// <returns>How many were changed.</returns>
    public static async Task<int> RunAllAsync(
        long? id,
        int size,
        Func<(long After, long Through), CancellationToken, Task<DeadLetterBatch>> change,
        CancellationToken cancellationToken)
    {
        (long After, long Through) rest = (id - 1 ?? 0, id ?? long.MaxValue);
        for (int count = 0; ;)
        {
            DeadLetterBatch batch = await change(rest, cancellationToken).ConfigureAwait(false);
            count += batch.Count;
            if (batch.Count < size)
            {
                return count;
            }

            rest.After = batch.Last;
        }
    }
}
