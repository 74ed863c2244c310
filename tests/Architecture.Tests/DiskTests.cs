namespace ImagingIngestion.Architecture.Tests;

/// <summary>What waits for a disk while the process serves waits on the threads of the disk.</summary>
public sealed class DiskTests
{
    [Fact]
    public void Files_are_touched_at_start_or_on_the_threads_of_the_disk()
        => Violations.ShouldBeNone(Repository.Sources("src").SelectMany(DiskRules.Touches), "Use DiskThreads (bindings: TargetFile.ReadAsync):");

    [Theory]
    [InlineData("File.ReadAllBytes(path);")]
    [InlineData("Directory.Exists(path);")]
    [InlineData("SmallFile.Read(path);")]
    [InlineData("certificate.ReadAuthorities();")]
    [InlineData("using var file = new FileStream(path, FileMode.Open);")]
    [InlineData("FileInfo file = new(path);")]
    public void The_rule_sees_a_file_touched(string statement)
        => Assert.Single(DiskRules.Touches(SourceFile.Parse("src/A/A.cs", $"class A {{ void M(string path) {{ {statement} }} }}")));

    [Theory]
    [InlineData("src/A/A.cs", "Path.Combine(path, path);")]
    [InlineData("src/A/A.cs", "CertificateReader.ReadAuthorities(content, password);")]
    [InlineData("src/Options/A.cs", "File.Exists(path);")]
    public void The_rule_lets_pass_what_touches_none_or_may(string file, string statement)
        => Assert.Empty(DiskRules.Touches(SourceFile.Parse(file, $"class A {{ void M(string path) {{ {statement} }} }}")));
}
