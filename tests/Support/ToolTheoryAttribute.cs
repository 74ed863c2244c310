namespace ImagingIngestion.Tests;

/// <summary>A theory that needs outside tools: skipped where one is missing, but never where CI=true.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(params string[] needed) => Skip = Tools.SkipReason(needed)!;
}
