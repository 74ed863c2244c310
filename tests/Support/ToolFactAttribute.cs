namespace ImagingIngestion.Tests;

/// <summary>A test that needs outside tools: skipped where one is missing, but never where CI=true.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] needed) => Skip = Tools.SkipReason(needed)!;
}
