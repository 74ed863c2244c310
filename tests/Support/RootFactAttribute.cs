namespace ImagingIngestion.Tests;

/// <summary>A test that mounts file systems: it needs root, and in CI it must run.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "Mounting a small file system needs root.";
        }
    }
}
