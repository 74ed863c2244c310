using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>Code that waits for a disk while the process serves runs on the threads of the disk.</summary>
public sealed class DiskTests
{
    [Fact]
    public void Files_are_touched_at_start_or_on_the_threads_of_the_disk()
        => Violations.ShouldBeNone(
            Repository.Sources("src").SelectMany(DiskRules.Touches), "Use DiskThreads (bindings: TargetFile.ReadAsync):");

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
    [InlineData("src/Settings/A.cs", "File.Exists(path);")]
    public void The_rule_lets_pass_what_touches_none_or_may(string file, string statement)
        => Assert.Empty(DiskRules.Touches(SourceFile.Parse(file, $"class A {{ void M(string path) {{ {statement} }} }}")));
}

/// <summary>The code that may touch files: a slow disk must not hold up the thread pool while the process serves.</summary>
internal static class DiskRules
{
    /// <summary>Files or folders of src, each with the reason why it cannot hold up the thread pool.</summary>
    private static readonly (string Path, string Reason)[] Allowed =
    [
        ("src/Storage/Folder/", "runs on the threads of the disk, or when the store is opened"),
        ("src/Bindings/Http/TargetFile.cs", "runs on the threads of the disk"),
        ("src/Settings/", "settings and their files are read at start"),
        ("src/Gateways/SettingsCommand.cs", "a command, which serves nobody"),
        ("src/Hosting/Stores/OpenFileShares.cs", "measures before anything listens"),
        ("src/Gateways/Dimse/Hosting/DimseSettings.cs", "makes the settings of the listener and the peers at start"),
        ("src/Storage/S3/S3HttpClients.cs", "made when the bucket is opened"),
        ("src/Storage/Sqlite/SqliteGuard.cs", "looks when the manifest is opened"),
    ];

    private static readonly string[] Types = ["File", "Directory", "SmallFile"];
    private static readonly string[] Constructed = ["FileStream", "FileInfo", "DirectoryInfo"];
    private static readonly string[] Reading = ["ReadOwn", "ReadAuthorities"];

    public static IEnumerable<string> Touches(SourceFile file)
        => Allowed.Any(allowed => file.Path.StartsWith(allowed.Path, StringComparison.Ordinal))
            ? []
            : file.Root.DescendantNodes().Where(DoesTouch).Select(node => $"{file.At(node)}: {node}");

    private static bool DoesTouch(SyntaxNode node) => node switch
    {
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: var type, Name: var name } } call
            => Types.Contains(type.ToString()) || (Reading.Contains(name.ToString()) && call.ArgumentList.Arguments.Count == 0),
        ObjectCreationExpressionSyntax { Type: var type } => Constructed.Contains(type.ToString()),
        ImplicitObjectCreationExpressionSyntax
        {
            Parent: EqualsValueClauseSyntax { Parent.Parent: VariableDeclarationSyntax { Type: var type } },
        } =>
            Constructed.Contains(type.ToString()),
        _ => false,
    };
}
