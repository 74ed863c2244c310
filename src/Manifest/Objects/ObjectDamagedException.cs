using ImagingIngestion.Manifest.Identity;

namespace ImagingIngestion.Manifest.Objects;

/// <summary>The object of an instance is missing or has other bytes than were stored, or was flagged as damaged before: asking again does not help.</summary>
public sealed class ObjectDamagedException(InstanceId instance)
    : Exception($"The object of instance {instance.Sop} of series {instance.Series} is missing or damaged. Send the instance again, or restore the object and run 'check --content'.");
