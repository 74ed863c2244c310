using ImagingIngestion.Manifest.Deliveries;
using ImagingIngestion.Manifest.Events;

namespace ImagingIngestion.Storage.Sql;

/// <summary>What follows from the events that a binding takes.</summary>
internal static class DeliveryTypes
{
    /// <summary>A binding that takes events of instances begins with instances, any other with revisions.</summary>
    public static bool TakesInstances(BindingDefinition binding) => binding.Types.Any(type => type != EventType.StudyRevision);

    /// <summary>The type of the deliveries that come from a snapshot.</summary>
    public static EventType OfSnapshot(BindingDefinition binding)
        => TakesInstances(binding) ? binding.Types.Where(type => type != EventType.StudyRevision).Max() : EventType.StudyRevision;

    /// <exception cref="ArgumentException">It keeps the newest state only, and takes both events of instances and revisions.</exception>
    public static void Check(BindingDefinition binding)
    {
        if (!binding.KeepsEveryEvent && binding.Types.Contains(EventType.StudyRevision) && TakesInstances(binding))
        {
            throw new ArgumentException(
                "A binding that does not keep every event takes either events of instances or revisions, not both.", nameof(binding));
        }
    }
}
