using ImagingIngestion.EndToEnd.Tests.Fixtures;

namespace ImagingIngestion.EndToEnd.Tests.Durability;

/// <summary>What a load has sent, and what it was answered.</summary>
internal interface IRecordedLoad
{
    /// <summary>Instances that an answer named as stored.</summary>
    IReadOnlyCollection<LoadInstance> Acknowledged { get; }

    /// <summary>All instances that a client began to send.</summary>
    IReadOnlyDictionary<StoredPath, LoadInstance> Sent { get; }

    /// <summary>Answers that are neither a success nor a clear failure.</summary>
    IReadOnlyCollection<string> Faults { get; }
}
