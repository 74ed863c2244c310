using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>The code keeps the house limits, and each rule finds a breach.</summary>
public sealed class SizeTests
{
    private static IEnumerable<SourceFile> Written => Repository.Sources("src", "tests", "bench").Where(file => !file.IsGenerated);

    [Fact]
    public void Files_are_short() => Violations.ShouldBeNone(SizeRules.Files(Written), "Split the file:");

    [Fact]
    public void Types_are_short() => Violations.ShouldBeNone(SizeRules.Types(Written), "Split the type:");

    [Fact]
    public void Methods_are_short() => Violations.ShouldBeNone(SizeRules.Methods(Written), "Split the method:");

    [Fact]
    public void Constructors_take_few_parameters()
        => Violations.ShouldBeNone(SizeRules.ConstructorParameters(Written), "Group the parameters:");

    [Fact]
    public void Lines_are_short() => Violations.ShouldBeNone(SizeRules.Lines(Written), "Break the line:");

    [Fact]
    public void The_rules_see_what_is_too_long()
    {
        SourceFile[] ok = [Sample(filler: 70)];
        SourceFile[] bad = [Sample(filler: 600)];

        Assert.Empty(SizeRules.Files(ok).Concat(SizeRules.Types(ok)).Concat(SizeRules.Methods(ok)));
        Assert.Single(SizeRules.Files(bad));
        Assert.Single(SizeRules.Types(bad));
        Assert.Single(SizeRules.Methods(bad));
    }

    [Fact]
    public void The_rules_add_up_the_parts_of_a_type()
    {
        SourceFile[] parts = [Sample(filler: 300), Sample(filler: 300)];

        Assert.Empty(SizeRules.Files(parts));
        Assert.Single(SizeRules.Types(parts));
    }

    [Theory]
    [InlineData("class A { A(int a, int b, int c, int d, int e, int f, int g, int h) {} }", 0)]
    [InlineData("class A { A(int a, int b, int c, int d, int e, int f, int g, int h, int i) {} }", 1)]
    [InlineData("record A(int A1, int B, int C, int D, int E, int F, int G, int H, int I);", 1)]
    public void The_rules_count_constructor_parameters(string code, int breaches)
        => Assert.Equal(breaches, SizeRules.ConstructorParameters([SourceFile.Parse("src/A/A.cs", code)]).Count());

    [Theory]
    [InlineData("src/A/A.cs", 140, 0)]
    [InlineData("src/A/A.cs", 141, 1)]
    [InlineData("tests/A/A.cs", 141, 0)]
    public void The_rules_see_a_long_line(string path, int columns, int breaches)
        => Assert.Equal(breaches, SizeRules.Lines([SourceFile.Parse(path, $"class A {{ string B = \"{new string('x', columns - 26)}\"; }}\n")]).Count());

    private static SourceFile Sample(int filler)
    {
        StringBuilder code = new("namespace N;\npartial class A\n{\n    void M()\n    {\n");
        for (int i = 0; i < filler; i++)
        {
            code.Append("        N();\n");
        }

        return SourceFile.Parse("src/A/A.cs", code.Append("    }\n}\n").ToString());
    }
}

/// <summary>The house limits. Each rule yields one line per breach; the caller leaves out generated files.</summary>
internal static class SizeRules
{
    private const int MaxFileLines = 500;
    private const int MaxTypeLines = 500;
    private const int MaxMethodLines = 80;
    private const int MaxConstructorParameters = 8;
    private const int MaxColumns = 140;

    public static IEnumerable<string> Files(IEnumerable<SourceFile> files)
        => from file in files
           where file.LineCount > MaxFileLines
           select $"{file.Path}: {file.LineCount} lines, at most {MaxFileLines}";

    /// <summary>All parts of a partial type count together.</summary>
    public static IEnumerable<string> Types(IEnumerable<SourceFile> files)
        => from file in files
           from type in file.Types
           group SourceFile.LinesOf(type) by QualifiedName(file, type) into parts
           where parts.Sum() > MaxTypeLines
           select $"{parts.Key}: {parts.Sum()} lines, at most {MaxTypeLines}";

    public static IEnumerable<string> Methods(IEnumerable<SourceFile> files)
        => from file in files
           from body in Bodies(file)
           where body.Lines > MaxMethodLines
           select $"{file.At(body.Node)}: {body.Lines} lines, at most {MaxMethodLines}";

    public static IEnumerable<string> ConstructorParameters(IEnumerable<SourceFile> files)
        => from file in files
           from node in file.Root.DescendantNodes()
           let parameters = node switch
           {
               ConstructorDeclarationSyntax constructor => constructor.ParameterList,
               TypeDeclarationSyntax type => type.ParameterList,
               _ => null,
           }
           where parameters?.Parameters.Count > MaxConstructorParameters
           select $"{file.At(node)}: {parameters.Parameters.Count} constructor parameters, at most {MaxConstructorParameters}";

    /// <summary>Long texts in the tests, such as JSON for comparison, are data.</summary>
    public static IEnumerable<string> Lines(IEnumerable<SourceFile> files)
        => from file in files
           let data = file.Path.StartsWith("tests/", StringComparison.Ordinal) ? TextLines(file) : []
           from line in file.Text.Split('\n').Select((text, index) => (text.Length, Number: index + 1))
           where line.Length > MaxColumns && !data.Contains(line.Number)
           select $"{file.Path}:{line.Number}: {line.Length} columns, at most {MaxColumns}";

    private static HashSet<int> TextLines(SourceFile file)
        => [.. from node in file.Root.DescendantNodes()
               where node is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax
               let span = node.GetLocation().GetLineSpan()
               from line in Enumerable.Range(span.StartLinePosition.Line + 1, span.EndLinePosition.Line - span.StartLinePosition.Line + 1)
               select line];

    private static IEnumerable<(SyntaxNode Node, int Lines)> Bodies(SourceFile file)
    {
        foreach (SyntaxNode node in file.Root.DescendantNodes())
        {
            if (node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax)
            {
                yield return (node, SourceFile.LinesOf(node));
            }
        }

        GlobalStatementSyntax[] statements = [.. file.Root.Members.OfType<GlobalStatementSyntax>()];
        if (statements.Length > 0)
        {
            int first = statements[0].GetLocation().GetLineSpan().StartLinePosition.Line;
            yield return (statements[0], statements[^1].GetLocation().GetLineSpan().EndLinePosition.Line - first + 1);
        }
    }

    /// <summary>Parts of one type meet under the same name; file-local types do not.</summary>
    private static string QualifiedName(SourceFile file, BaseTypeDeclarationSyntax type)
    {
        string scope = string.Join('.', type.Ancestors().Reverse().Select(node => node switch
        {
            BaseNamespaceDeclarationSyntax space => space.Name.ToString(),
            BaseTypeDeclarationSyntax outer => outer.Identifier.Text,
            _ => "",
        }).Where(part => part.Length > 0));
        string arity = type is TypeDeclarationSyntax { TypeParameterList: { } list } ? $"`{list.Parameters.Count}" : "";
        string owner = type.Modifiers.Any(SyntaxKind.FileKeyword)
            ? file.Path
            : file.Path[..(file.Path.IndexOf('/', file.Path.IndexOf('/') + 1) + 1)];
        return $"{owner} {scope}.{type.Identifier.Text}{arity}";
    }
}
