using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>The code contains nothing that the house rules ban, and each rule finds a breach.</summary>
public sealed class TextTests
{
    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".json", ".md", ".sh", ".py", ".js", ".mjs", ".tsv", ".yaml", ".yml", ".xml", ".txt", ".html", ".css", ".sql", ""];

    [Fact]
    public void Banned_texts_are_nowhere()
        => Violations.ShouldBeNone(Repository.Sources("src", "tests").SelectMany(TextRules.BannedTexts), "Not allowed:");

    [Fact]
    public void No_catch_block_hides_an_error()
        => Violations.ShouldBeNone(
            Repository.Sources("src", "tests", "bench").SelectMany(TextRules.EmptyCatches),
            "Handle it, or name the one exception and say in a comment why nothing is to be done:");

    [Fact]
    public void No_file_names_a_registry_or_a_folder_of_one_machine()
        => Violations.ShouldBeNone(
            from folder in new[] { "src", "tests", "bench", "docs", "helm" }
            from path in Repository.Files(folder)
            where TextExtensions.Contains(Path.GetExtension(path))
            from found in TextRules.Places(path, File.ReadAllText(Path.Combine(Repository.Root, path)))
            select found,
            "Places that exist on one machine only:");

    [Theory]
    [InlineData("  #", "region x")]
    [InlineData("#pragma", " warning disable CA1")]
    [InlineData("#nullable", " disable")]
    [InlineData("// TO", "DO later")]
    [InlineData("// FIX", "ME later")]
    public void The_rules_see_a_banned_text(string start, string end)
        => Assert.Single(TextRules.BannedTexts(SourceFile.Parse("src/A/A.cs", start + end)));

    [Theory]
    [InlineData("try { } catch { }", 1)]
    [InlineData("try { } catch (Exception) { /* why */ }", 1)]
    [InlineData("try { } catch (IOException) { }", 1)]
    [InlineData("try { } catch (IOException) { /* why */ }", 0)]
    [InlineData("try { } catch { throw; }", 0)]
    public void The_rules_see_an_empty_catch(string statement, int breaches)
        => Assert.Equal(
            breaches, TextRules.EmptyCatches(SourceFile.Parse("src/A/A.cs", $"class A {{ void M() {{ {statement} }} }}")).Count());

    [Fact]
    public void The_rules_let_the_comment_stand_on_the_method()
        => Assert.Empty(TextRules.EmptyCatches(
            SourceFile.Parse("src/A/A.cs", "class A { /// <summary>Why.</summary>\n void M() { try { } catch (IOException) { } } }")));

    [Theory]
    [InlineData("https://api.nuget", ".org/v3/index.json")]
    [InlineData("https://registry.", "npmjs.org/x")]
    [InlineData("\"/wor", "k/x\"")]
    [InlineData("../sha", "red/corpus")]
    public void The_rules_see_a_foreign_place(string start, string end)
        => Assert.Single(TextRules.Places("docs/a.md", start + end));
}

/// <summary>Texts that the code may not contain. The patterns are written so that none matches its own source.</summary>
internal static class TextRules
{
    /// <summary>Each pattern with its replacement.</summary>
    public static readonly IReadOnlyList<(Regex Pattern, string Instead)> Banned =
    [
        (new(@"^\s*#\s*(end)?region\b", RegexOptions.Multiline | RegexOptions.ExplicitCapture), "split the file"),
        (new(@"^\s*#\s*pragma\s+warning\s+disable\b", RegexOptions.Multiline), "fix the warning"),
        (new(@"^\s*#\s*nullable\s+disable\b", RegexOptions.Multiline), "say what may be null"),
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

    /// <summary>A catch block without a statement hides an error.</summary>
    /// <remarks>It is allowed for one kind of error if a comment in it or on its method gives the reason.</remarks>
    public static IEnumerable<string> EmptyCatches(SourceFile file)
        => from clause in file.Root.DescendantNodes().OfType<CatchClauseSyntax>()
           where clause.Block.Statements.Count == 0
           where CatchesAnything(clause) || !(HasComment(clause.Block.DescendantTrivia())
               || clause.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } member && HasComment(member.GetLeadingTrivia()))
           select $"{file.At(clause)}: empty catch";

    public static IEnumerable<string> Places(string path, string text)
        => from pattern in ForeignPlaces
           from Match match in pattern.Matches(text)
           select $"{path}:{LineAt(
               text, match.Index)}: {text.Substring(match.Index, Math.Min(24, text.Length - match.Index)).Split('\n')[0]}";

    private static bool CatchesAnything(CatchClauseSyntax clause)
        => clause.Filter is null && clause.Declaration?.Type.ToString() is null or "Exception" or "System.Exception";

    private static bool HasComment(IEnumerable<SyntaxTrivia> trivia)
        => trivia.Any(one => one.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            or SyntaxKind.SingleLineDocumentationCommentTrivia);

    private static int LineAt(string text, int index) => text.AsSpan(0, index).Count('\n') + 1;
}
