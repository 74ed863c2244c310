using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>The house limits. Each rule yields one line per breach; generated files are left out by the caller.</summary>
internal static class SizeRules
{
    private const int MaxFileLines = 500;
    private const int MaxTypeLines = 400;
    private const int MaxMethodLines = 80;
    private const int MaxConstructorParameters = 7;
    private const int MaxFamilyLines = 60;

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

    public static IEnumerable<string> TypesPerFile(IEnumerable<SourceFile> files)
        => from file in files
           let count = file.TopLevelTypes.Count()
           where count > 1 && file.LineCount >= MaxFamilyLines
           select $"{file.Path}: {count} top-level types in {file.LineCount} lines; one, or a closed family under {MaxFamilyLines} lines";

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
        string owner = type.Modifiers.Any(SyntaxKind.FileKeyword) ? file.Path : file.Path[..(file.Path.IndexOf('/', file.Path.IndexOf('/') + 1) + 1)];
        return $"{owner} {scope}.{type.Identifier.Text}{arity}";
    }
}
