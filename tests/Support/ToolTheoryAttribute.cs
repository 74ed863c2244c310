namespace ImagingIngestion.Tests;

/// <summary>A theory that needs outside tools: skipped if one is missing, but never with CI=true.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(params string[] needed) => Skip = Tools.SkipReason(needed)!;
}
