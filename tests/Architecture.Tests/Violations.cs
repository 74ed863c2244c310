namespace ImagingIngestion.Architecture.Tests;

/// <summary>Fails a test with every breach of a rule, one a line.</summary>
internal static class Violations
{
    public static void ShouldBeNone(IEnumerable<string> violations, string rule)
    {
        string[] found = [.. violations];
        Assert.True(found.Length == 0, $"{rule}{Environment.NewLine}{string.Join(Environment.NewLine, found)}");
    }
}
