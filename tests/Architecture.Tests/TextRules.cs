using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>Texts that may not stand in the code. The patterns are written so that none matches its own source.</summary>
internal static class TextRules
{
    /// <summary>Each pattern with what to do instead.</summary>
    public static readonly IReadOnlyList<(Regex Pattern, string Instead)> Banned =
    [
        (new(@"\bThread\.Sleep\b"), "wait on a signal"),
        (new(@"\bTask\.Delay\s*\("), "wait on a signal, or on a timer of a TimeProvider"),
        (new(@"\bDateTime(Offset)?\.(UtcNow|Now|Today)\b"), "use TimeProvider"),
        (new(@"^\s*#\s*(end)?region\b", RegexOptions.Multiline), "split the file"),
        (new(@"^\s*#\s*pragma\s+warning\s+disable\b", RegexOptions.Multiline), "fix the warning"),
        (new(@"^\s*#\s*nullable\s+disable\b", RegexOptions.Multiline), "say what may be null"),
        (new(@"\bNotImplemented(?=Exception\b)"), "implement it"),
        (new(@"\b(TO(?=DO\b)|FIX(?=ME\b))"), "do it, or write an issue"),
    ];

    /// <summary>Package registries, folders of one machine, folders beside the checkout.</summary>
    public static readonly IReadOnlyList<Regex> ForeignPlaces =
    [
        new(@"\b(api\.)?nuget\.(?=org\b)"),
        new(@"\bregistry\.(?=(npmjs|yarnpkg)\b)"),
        new(@"\b(pypi\.(?=org\b)|files\.pythonhosted\b)"),
        new(@"\bproxy\.(?=golang\.org\b)"),
        new(@"\bdeb\.(?=debian\.org\b)"),
        new(@"(?<![\w.])/(?=(work|root|home)/)"),
        new(@"\.\./(?=shared\b)"),
    ];

    public static IEnumerable<string> BannedTexts(SourceFile file)
        => from rule in Banned
           from Match match in rule.Pattern.Matches(file.Text)
           select $"{file.Path}:{LineAt(file.Text, match.Index)}: {match.Value.Trim()}: {rule.Instead}";

    /// <summary>A catch block without a statement hides an error, unless it catches one kind of error and a comment in it or on its method says why that is right.</summary>
    public static IEnumerable<string> EmptyCatches(SourceFile file)
        => from clause in file.Root.DescendantNodes().OfType<CatchClauseSyntax>()
           where clause.Block.Statements.Count == 0
           where CatchesAnything(clause) || !(HasComment(clause.Block.DescendantTrivia()) || clause.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } member && HasComment(member.GetLeadingTrivia()))
           select $"{file.At(clause)}: empty catch";

    public static IEnumerable<string> Places(string path, string text)
        => from pattern in ForeignPlaces
           from Match match in pattern.Matches(text)
           select $"{path}:{LineAt(text, match.Index)}: {text.Substring(match.Index, Math.Min(24, text.Length - match.Index)).Split('\n')[0]}";

    private static bool CatchesAnything(CatchClauseSyntax clause)
        => clause.Filter is null && clause.Declaration?.Type.ToString() is null or "Exception" or "System.Exception";

    private static bool HasComment(IEnumerable<SyntaxTrivia> trivia)
        => trivia.Any(one => one.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia or SyntaxKind.SingleLineDocumentationCommentTrivia);

    private static int LineAt(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;
}
