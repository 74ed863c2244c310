namespace ImagingIngestion.Tests;

/// <summary>A test that needs outside tools: skipped if one is missing, but never with CI=true.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] needed) => Skip = Tools.SkipReason(needed)!;
}
