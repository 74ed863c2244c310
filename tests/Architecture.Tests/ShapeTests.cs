namespace ImagingIngestion.Architecture.Tests;

/// <summary>Declarations follow the house rules, and the rules that say so see a breach.</summary>
public sealed class ShapeTests
{
    [Fact]
    public void Every_public_type_of_src_says_what_it_is()
        => Violations.ShouldBeNone(ShapeRules.PublicTypesWithoutSummary(Repository.Sources("src")), "No <summary>:");

    [Fact]
    public void Classes_are_sealed_unless_something_derives_from_them()
        => Violations.ShouldBeNone(ShapeRules.OpenClasses([.. Repository.Sources("src", "tests", "bench")]), "Neither sealed nor a base:");

    [Fact]
    public void Types_are_partial_only_for_generators_and_logs()
        => Violations.ShouldBeNone(ShapeRules.PartialTypes(Repository.Sources("src", "tests", "bench")), "Partial without a generated part or a .Log.cs:");

    [Fact]
    public void Every_async_method_can_be_cancelled()
        => Violations.ShouldBeNone(
            ShapeRules.AsyncWithoutToken(Repository.Sources("src", "bench").Where(file => !file.IsGenerated)),
            "No CancellationToken named cancellationToken as the last parameter:");

    [Theory]
    [InlineData("public sealed class A { }", 1)]
    [InlineData("/// <summary></summary>\npublic sealed class A { }", 1)]
    [InlineData("/// <summary>Why.</summary>\npublic sealed class A { public enum B { } }", 1)]
    [InlineData("/// <summary>Why.</summary>\npublic sealed class A { internal enum B { } }", 0)]
    [InlineData("internal sealed class A { }", 0)]
    public void The_rules_see_a_public_type_without_summary(string code, int breaches)
        => Assert.Equal(breaches, ShapeRules.PublicTypesWithoutSummary([Parse(code)]).Count());

    [Theory]
    [InlineData("class A { }", 1)]
    [InlineData("class A { } sealed class B : A { }", 0)]
    [InlineData("record A { }", 1)]
    [InlineData("record struct A { }", 0)]
    [InlineData("static class A { }", 0)]
    public void The_rules_see_an_open_class(string code, int breaches)
        => Assert.Equal(breaches, ShapeRules.OpenClasses([Parse(code)]).Count());

    [Theory]
    [InlineData("sealed partial class A { }", 1)]
    [InlineData("static partial class A { [LibraryImport(\"libc\")] static partial int fsync(int fd); }", 0)]
    public void The_rules_see_a_partial_type(string code, int breaches)
        => Assert.Equal(breaches, ShapeRules.PartialTypes([Parse(code)]).Count());

    [Theory]
    [InlineData("async Task M() { }", 1)]
    [InlineData("ValueTask<int> M(int a);", 1)]
    [InlineData("IAsyncEnumerable<int> M();", 1)]
    [InlineData("Task M(CancellationToken token);", 1)]
    [InlineData("Task M(CancellationToken cancellationToken, int a);", 1)]
    [InlineData("Task M(CancellationToken cancellationToken = default);", 0)]
    [InlineData("Task M(HttpContext context);", 0)]
    [InlineData("public ValueTask DisposeAsync() => default;", 0)]
    [InlineData("int M();", 0)]
    public void The_rules_see_an_async_method_without_token(string code, int breaches)
        => Assert.Equal(breaches, ShapeRules.AsyncWithoutToken([Parse($"abstract class A {{ {code} }}")]).Count());

    private static SourceFile Parse(string code) => SourceFile.Parse("src/A/A.cs", code);
}
