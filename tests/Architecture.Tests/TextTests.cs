namespace ImagingIngestion.Architecture.Tests;

/// <summary>Nothing that the house rules ban stands in the code, and the rules that say so see a breach.</summary>
public sealed class TextTests
{
    private static readonly string[] TextExtensions =
        [".cs", ".csproj", ".props", ".targets", ".json", ".md", ".sh", ".py", ".js", ".mjs", ".tsv", ".yaml", ".yml", ".xml", ".txt", ".html", ".css", ".sql", ""];

    [Fact]
    public void Banned_texts_are_nowhere()
        => Violations.ShouldBeNone(Repository.Sources("src", "tests").SelectMany(TextRules.BannedTexts), "Not allowed:");

    [Fact]
    public void No_catch_block_hides_an_error()
        => Violations.ShouldBeNone(Repository.Sources("src", "tests", "bench").SelectMany(TextRules.EmptyCatches), "Handle it, or name the one exception and say in a comment why nothing is to be done:");

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
    [InlineData("Thread", ".Sleep(1);")]
    [InlineData("await Task", ".Delay(1);")]
    [InlineData("DateTime", ".UtcNow")]
    [InlineData("DateTimeOffset", ".Now")]
    [InlineData("  #", "region x")]
    [InlineData("#pragma", " warning disable CA1")]
    [InlineData("#nullable", " disable")]
    [InlineData("throw new NotImplemented", "Exception();")]
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
        => Assert.Equal(breaches, TextRules.EmptyCatches(SourceFile.Parse("src/A/A.cs", $"class A {{ void M() {{ {statement} }} }}")).Count());

    [Fact]
    public void The_rules_let_the_comment_stand_on_the_method()
        => Assert.Empty(TextRules.EmptyCatches(SourceFile.Parse("src/A/A.cs", "class A { /// <summary>Why.</summary>\n void M() { try { } catch (IOException) { } } }")));

    [Theory]
    [InlineData("https://api.nuget", ".org/v3/index.json")]
    [InlineData("https://registry.", "npmjs.org/x")]
    [InlineData("\"/wor", "k/x\"")]
    [InlineData("../sha", "red/corpus")]
    public void The_rules_see_a_foreign_place(string start, string end)
        => Assert.Single(TextRules.Places("docs/a.md", start + end));
}
