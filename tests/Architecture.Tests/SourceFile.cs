using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>A parsed C# file; <paramref name="Path"/> is relative to the repository, with forward slashes.</summary>
internal sealed record SourceFile(string Path, string Text, CompilationUnitSyntax Root)
{
    public bool IsGenerated => Path.EndsWith(".g.cs", StringComparison.Ordinal);

    public int LineCount => Text.AsSpan().TrimEnd('\n').Count('\n') + 1;

    public IEnumerable<BaseTypeDeclarationSyntax> Types => Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>();

    public IEnumerable<MemberDeclarationSyntax> TopLevelTypes => Root
        .DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
        .OfType<MemberDeclarationSyntax>()
        .Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    public static SourceFile Parse(string path, string text)
        => new(path, text, CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.Parse))
            .GetCompilationUnitRoot());

    public string At(SyntaxNode node) => $"{Path}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";

    /// <summary>Returns the number of lines from the first to the last token, without the comments in front.</summary>
    public static int LinesOf(SyntaxNode node)
    {
        FileLinePositionSpan span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
