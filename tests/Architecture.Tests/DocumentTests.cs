using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ImagingIngestion.Architecture.Tests;

/// <summary>The documents keep the rules of prose, and every path, test and heading that they name exists.</summary>
public sealed class DocumentTests
{
    private const string Design = "docs/design.md";

    private static readonly string[] Prose = ["README.md", .. Repository.Files("docs", "*.md")];

    [Fact]
    public void A_line_of_prose_is_one_sentence_of_at_most_25_words()
        => Violations.ShouldBeNone(Prose.SelectMany(path => DocumentRules.Sentences(path, Read(path))), "Write one short sentence a line:");

    [Fact]
    public void Every_file_and_folder_that_a_document_names_exists()
        => Violations.ShouldBeNone(
            from path in Prose
            from named in DocumentRules.NamedPaths(path, Read(path))
            where !Path.Exists(Path.Combine(Repository.Root, named))
            select $"{path}: {named}",
            "Named, and not there:");

    [Fact]
    public void Every_test_that_a_document_names_exists()
    {
        HashSet<string> tests =
        [
            .. from file in Repository.Sources("tests")
               from type in file.Root.DescendantNodes().OfType<ClassDeclarationSyntax>()
               from method in type.Members.OfType<MethodDeclarationSyntax>()
               where method.AttributeLists.Count > 0
               select $"{type.Identifier}.{method.Identifier}",
        ];

        Violations.ShouldBeNone(
            from path in Prose
            from named in DocumentRules.NamedTests(Read(path))
            where !tests.Contains(named)
            select $"{path}: {named}",
            "No such test:");
    }

    [Fact]
    public void Every_promise_names_tests()
        => Assert.All(
            Read(Design).Split("\n### ").Where(section => section.StartsWith("Promise ", StringComparison.Ordinal)),
            section => Assert.NotEmpty(DocumentRules.NamedTests(section)));

    [Fact]
    public void Every_citation_of_the_design_leads_to_a_heading()
    {
        string design = Read(Design);

        Violations.ShouldBeNone(
            from file in Repository.Sources("src", "tests", "bench")
            from heading in DocumentRules.CitedHeadings(file.Text)
            where !design.Contains("\n### " + heading, StringComparison.Ordinal)
            select $"{file.Path}: {heading}",
            $"{Design} has no such heading:");
    }

    [Theory]
    [InlineData("One sentence.\nAnother one.", 0)]
    [InlineData("- An item.\n  Its second sentence.\n- `One. Two` is code.", 0)]
    [InlineData("| a. B | c. D |\n\n```\na. B\n```", 0)]
    [InlineData("One sentence. Another one.", 1)]
    [InlineData("1. One (a note). *Another* one.", 1)]
    [InlineData("A sentence\ngoes over two lines.", 1)]
    [InlineData("a b c d e f g h i j k l m n o p q r s t u v w x y z.", 1)]
    public void The_rules_see_prose_that_is_not_one_short_sentence_a_line(string text, int breaches)
        => Assert.Equal(breaches, DocumentRules.Sentences("docs/a.md", text).Count());

    [Fact]
    public void The_rules_see_what_a_document_names()
    {
        Assert.Equal(["src/A", "docs/b.md"], DocumentRules.NamedPaths("docs/a.md", "`src/A`, [b](b.md#c), `src/<x>`"));
        Assert.Equal(["ATests.It_works"], DocumentRules.NamedTests("`ATests.It_works`, `A.B`"));
        Assert.Equal(
            ["Promise 1:", "Objects\n", "Two stores, one manifest model\n", "D3 and more.\n"],
            DocumentRules.CitedHeadings(
                $"/// ({Design},\n/// promise 1), {Design}, \"Objects\", ({Design}, Two stores, one manifest model). {Design}, D3 and more."));
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path));
}

/// <summary>Reads Markdown as far as the rules of prose need it.</summary>
internal static partial class DocumentRules
{
    private const int MaxWords = 25;

    /// <summary>Returns sentences that share a line, go over several lines, or are too long.</summary>
    /// <remarks>Tables, headings, examples and marks are no prose.</remarks>
    public static IEnumerable<string> Sentences(string path, string text)
    {
        bool isExample = false;
        bool isOpen = false;
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            bool isFence = line.StartsWith("```", StringComparison.Ordinal);
            isExample ^= isFence;
            if (isExample || isFence || line.Trim().Length == 0 || line[0] is '|' or '#' or '<')
            {
                isOpen = false;
                continue;
            }

            if (isOpen && !ListMarker.IsMatch(line))
            {
                yield return $"{path}:{number}: goes on from the line before";
            }

            string prose = CodeSpan.Replace(ListMarker.Replace(line, ""), "code").Trim();
            isOpen = !ClosedEnd.IsMatch(prose);
            string[] sentences = SentenceEnd.Split(prose);
            if (sentences.Length > 1)
            {
                yield return $"{path}:{number}: {sentences.Length} sentences";
            }

            foreach (string sentence in sentences.Where(sentence => Words(sentence) > MaxWords))
            {
                yield return $"{path}:{number}: more than {MaxWords} words: {sentence}";
            }
        }
    }

    /// <summary>Returns the files and folders of the repository in code and links, relative to its root.</summary>
    public static IEnumerable<string> NamedPaths(string path, string text)
        => PathSpan.Matches(text).Select(match => match.Groups[1].Value)
            .Concat(RelativeLink.Matches(text).Select(match => Path.Combine(Path.GetDirectoryName(path)!, match.Groups[1].Value)));

    /// <summary>Returns the tests, as class and method.</summary>
    public static IEnumerable<string> NamedTests(string text) => TestName.Matches(text).Select(match => match.Groups[1].Value);

    /// <summary>Returns the beginnings of the headings that comments cite, for a promise or for a decision by its name.</summary>
    /// <remarks>A citation of another form yields its text, which is no heading.</remarks>
    public static IEnumerable<string> CitedHeadings(string text)
        => DesignCitation.Matches(CommentBreak.Replace(text, " "))
            .Select(match => match.Groups["promise"] is { Success: true } number ? $"Promise {number}:" : match.Groups["decision"] + "\n");

    private static int Words(string sentence)
        => LinkTarget.Replace(sentence, "").Split(' ').Count(word => word.Any(char.IsLetterOrDigit));

    [GeneratedRegex(@"^\s*([-*]|\d+\.)\s+")]
    private static partial Regex ListMarker { get; }

    [GeneratedRegex(@"`[^`]*`")]
    private static partial Regex CodeSpan { get; }

    [GeneratedRegex(@"\]\([^)]*\)")]
    private static partial Regex LinkTarget { get; }

    [GeneratedRegex(@"(?<=[.!?][""”)*\]]*)\s+(?=[""“(*\[]*[A-Z0-9])")]
    private static partial Regex SentenceEnd { get; }

    [GeneratedRegex(@"[.!?:;][""”)*\]]*$")]
    private static partial Regex ClosedEnd { get; }

    [GeneratedRegex(@"`((?:src|tests|docs|bench|deploy|tools|helm)/[\w./-]+)`")]
    private static partial Regex PathSpan { get; }

    [GeneratedRegex(@"\]\(([^)#:]+)(?:#[^)]*)?\)")]
    private static partial Regex RelativeLink { get; }

    [GeneratedRegex(@"`(\w+(?:Tests|Conformance)\.[A-Z]\w*_\w+)`")]
    private static partial Regex TestName { get; }

    [GeneratedRegex(@"\s*\n\s*//+ ")]
    private static partial Regex CommentBreak { get; }

    [GeneratedRegex(
        @"docs/design\.md, (?:promise (?<promise>\d+)|""(?<decision>[^""]+)""|(?<decision>[A-Z][\w ,-]*)(?=\))|(?<decision>[^\n]*))")]
    private static partial Regex DesignCitation { get; }
}
