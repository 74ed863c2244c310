namespace ImagingIngestion.Load.Generator;

/// <summary>Where a value stands in a template, so that it can be written over.</summary>
public readonly record struct PatchSlot(int Offset, int Length)
{
    /// <summary>The template has no such element.</summary>
    public bool IsAbsent => Length == 0;
}
