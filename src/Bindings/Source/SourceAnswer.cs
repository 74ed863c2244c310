namespace ImagingIngestion.Bindings.Source;

/// <summary>What asking the source for an instance came to.</summary>
internal sealed record SourceAnswer
{
    private SourceAnswer()
    {
    }

    /// <summary>Null when it cannot be had.</summary>
    public SourceInstance? Instance { get; private init; }

    /// <summary>Why it cannot be had; null when it can.</summary>
    public DeliveryResult? Result { get; private init; }

    /// <summary>The source itself does not work, so that asking it for others is vain.</summary>
    public bool IsDown { get; private init; }

    public static SourceAnswer Opened(SourceInstance instance) => new() { Instance = instance };

    public static SourceAnswer Refused(DeliveryResult result) => new() { Result = result };

    public static SourceAnswer Down(DeliveryResult result) => new() { Result = result, IsDown = true };
}
